import PatchbayJSON
import PatchbayModel

/// Reads the fields of a JSON object, and names the place in every complaint. A field that is `null` counts as absent.
struct FieldReader {
    let value: JSONValue
    /// Where the object stands.
    let place: Place

    init(_ value: JSONValue, at place: Place = .body) {
        self.value = value
        self.place = place
    }

    /// Of a request's body. Throws `.invalidRequest` with code `invalid_json` for what isn't an object.
    init(body: JSONValue) throws(GatewayError) {
        guard body.kind == .object else {
            throw .invalid("The body must be a JSON object.", param: nil, code: "invalid_json")
        }
        self.init(body)
    }

    /// The path of a field of this object.
    func path(_ name: StaticString) -> String {
        place.member(name).path
    }

    func present(_ name: StaticString) -> JSONValue? {
        guard let field = value[name], !field.isNull else { return nil }
        return field
    }

    func missing(_ name: StaticString) -> GatewayError {
        .invalid("Missing required parameter: '\(path(name))'.", param: path(name), code: "missing_required_parameter")
    }

    func wrongType(_ name: StaticString, expected: String, found: JSONValue) -> GatewayError {
        .invalid(
            "Invalid type for '\(path(name))': expected \(expected), but got \(found.kind) instead.",
            param: path(name), code: "invalid_type")
    }

    func string(_ name: StaticString, maxLength: Int) throws(GatewayError) -> String? {
        guard let field = present(name) else { return nil }
        guard field.kind == .string else { throw wrongType(name, expected: "a string", found: field) }
        guard field.count <= maxLength else {
            throw .invalid(
                "Invalid '\(path(name))': longer than \(maxLength) bytes.", param: path(name),
                code: "string_above_max_length")
        }
        return field.string
    }

    /// A string of at most this many characters (Unicode scalars).
    func checkLength(_ name: StaticString, characters: Int) throws(GatewayError) {
        guard let text = try string(name, maxLength: characters * 4), text.utf8.count > characters else { return }
        guard text.unicodeScalars.count <= characters else {
            throw .invalid(
                "Invalid '\(path(name))': longer than \(characters) characters.", param: path(name),
                code: "string_above_max_length")
        }
    }

    /// Whether there is a string, of any length, which isn't read.
    func hasString(_ name: StaticString) throws(GatewayError) -> Bool {
        guard let field = present(name) else { return false }
        guard field.kind == .string else { throw wrongType(name, expected: "a string", found: field) }
        return true
    }

    func requiredString(_ name: StaticString, maxLength: Int) throws(GatewayError) -> String {
        guard let string = try string(name, maxLength: maxLength) else { throw missing(name) }
        guard !string.isEmpty else {
            throw .invalid("Invalid '\(path(name))': empty.", param: path(name), code: "invalid_value")
        }
        return string
    }

    func bool(_ name: StaticString) throws(GatewayError) -> Bool? {
        guard let field = present(name) else { return nil }
        guard let bool = field.bool else { throw wrongType(name, expected: "a boolean", found: field) }
        return bool
    }

    func object(_ name: StaticString) throws(GatewayError) -> FieldReader? {
        guard let field = present(name) else { return nil }
        guard field.kind == .object else { throw wrongType(name, expected: "an object", found: field) }
        return FieldReader(field, at: place.member(name))
    }

    func array(_ name: StaticString) throws(GatewayError) -> JSONValue? {
        guard let field = present(name) else { return nil }
        guard field.kind == .array else { throw wrongType(name, expected: "an array", found: field) }
        return field
    }

    func checkInt(_ name: StaticString, in range: ClosedRange<Int>) throws(GatewayError) {
        guard let field = present(name) else { return }
        guard let int = field.int else { throw wrongType(name, expected: "an integer", found: field) }
        guard range.contains(int) else {
            let (bound, side, code) =
                int < range.lowerBound
                ? (range.lowerBound, "at least", "integer_below_min_value")
                : (range.upperBound, "at most", "integer_above_max_value")
            throw .invalid(
                "Invalid '\(path(name))': \(int). Expected \(side) \(bound).", param: path(name), code: code)
        }
    }

    func checkNumber(_ name: StaticString, in range: ClosedRange<Double>) throws(GatewayError) {
        guard let field = present(name) else { return }
        guard let number = field.double else { throw wrongType(name, expected: "a number", found: field) }
        guard range.contains(number) else {
            throw .invalid(
                "Invalid '\(path(name))': \(number). Expected a number from \(range.lowerBound) to \(range.upperBound).",
                param: path(name),
                code: number < range.lowerBound ? "decimal_below_min_value" : "decimal_above_max_value")
        }
    }

    func check(_ name: StaticString, oneOf allowed: [String]) throws(GatewayError) {
        guard let string = try string(name, maxLength: 256) else { return }
        guard allowed.contains(string) else {
            throw .invalid(
                "Invalid value '\(string)' for '\(path(name))'. Supported values are: \(allowed.map { "'\($0)'" }.joined(separator: ", ")).",
                param: path(name), code: "invalid_value")
        }
    }

    func checkStrings(_ name: StaticString) throws(GatewayError) {
        guard let list = try array(name) else { return }
        for (index, element) in list.elements.enumerated() where element.string == nil {
            throw .invalid(
                "Invalid type for '\(path(name))[\(index)]': expected a string.", param: "\(path(name))[\(index)]",
                code: "invalid_type")
        }
    }

    /// A name as functions and formats have one: 1 to 64 of `a-z A-Z 0-9 _ -`.
    func checkName(_ name: StaticString) throws(GatewayError) {
        let text = try requiredString(name, maxLength: 64)
        guard text.utf8.allSatisfy(\.isNameByte) else {
            throw .invalid(
                "Invalid '\(path(name))': expected letters, digits, underscores and hyphens.", param: path(name),
                code: "invalid_value")
        }
    }

    /// At most 16 pairs of at most 64 and 512 characters.
    func checkMetadata(_ name: StaticString) throws(GatewayError) {
        guard let object = try object(name) else { return }
        guard object.value.count <= 16 else {
            throw .invalid(
                "Invalid '\(path(name))': \(object.value.count) pairs. Expected at most 16.", param: path(name),
                code: "object_above_max_properties")
        }
        for member in object.value.members {
            let place = "\(path(name)).\(member.key.prefix(64))"
            guard member.key.unicodeScalars.count <= 64 else {
                throw .invalid(
                    "Invalid '\(place)…': a key longer than 64 characters.", param: path(name),
                    code: "string_above_max_length")
            }
            guard let text = member.value.string else {
                throw .invalid("Invalid type for '\(place)': expected a string.", param: place, code: "invalid_type")
            }
            guard text.unicodeScalars.count <= 512 else {
                throw .invalid(
                    "Invalid '\(place)': a value longer than 512 characters.", param: place,
                    code: "string_above_max_length")
            }
        }
    }
}

extension UInt8 {
    /// Of a function's name or an id.
    var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
