/// What a JSON value is. An integer is a number without fraction and exponent: `5` is one, `5.0` and `5e0` are doubles.
package enum JSONKind: Sendable, Equatable {
    case null, bool, integer, double, string, array, object
}

extension JSONKind: CustomStringConvertible {
    /// The name to show to a client: "a string", "null". Integers and doubles are both "a number".
    package var description: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
