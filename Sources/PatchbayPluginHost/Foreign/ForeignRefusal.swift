import PatchbayJSON

/// Why a call wasn't made: an argument that doesn't fit, in words for the model.
package struct ForeignRefusal: Error, Sendable, Equatable {
    package var message: String

    /// - Parameters:
    ///   - place: `numbers[3]`; empty for the arguments as a whole.
    ///   - reason: what follows the place: "must be ...".
    init(_ place: String, _ reason: String) {
        message = (place.isEmpty ? "The arguments " : "The argument '\(place)' ") + reason + "."
    }

    /// A value in a message: a number as it came, of all else its kind.
    static func shown(_ value: JSONValue) -> String {
        switch value.kind {
        case .integer, .double: String(decoding: value.raw.prefix(40), as: UTF8.self)
        default: value.kind.description
        }
    }
}
