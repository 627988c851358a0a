import PatchbayJSON

/// The functions that a request offers, as far as the reading of markup needs them: dialects that write arguments
/// without quotes leave it to the schema which of them are strings.
struct MarkupTools: Sendable {
    enum Parameter: Sendable {
        case string
        /// A string or null.
        case nullableString
        /// Anything else, or not known.
        case other
    }

    private let functions: [String: [String: Parameter]]

    /// - Parameter tools: the request's `tools`, a JSON array.
    init(_ tools: [UInt8]) {
        var functions: [String: [String: Parameter]] = [:]
        for tool in (try? JSONDocument.parse(tools))?.root.elements.map({ $0 }) ?? [] {
            guard let name = tool["name"]?.string else { continue }
            var parameters: [String: Parameter] = [:]
            for member in tool["parameters"]?["properties"]?.members.map({ $0 }) ?? [] {
                parameters[member.key] = Self.kind(of: member.value)
            }
            functions[name] = parameters
        }
        self.functions = functions
    }

    var isEmpty: Bool { functions.isEmpty }

    func has(_ name: String) -> Bool { functions[name] != nil }

    func kind(of parameter: String, of function: String) -> Parameter {
        functions[function]?[parameter] ?? .other
    }

    private static func kind(of schema: JSONValue) -> Parameter {
        let types: [String?]
        if let type = schema["type"] {
            types = type.kind == .array ? type.elements.map(\.string) : [type.string]
        } else if let choices = schema["anyOf"] ?? schema["oneOf"] {
            types = choices.elements.map { $0["type"]?.string }
        } else if let values = schema["enum"] {
            types = values.elements.map { $0.kind == .string ? "string" : nil }
        } else {
            types = []
        }
        guard types.contains("string"), types.allSatisfy({ $0 == "string" || $0 == "null" }) else { return .other }
        return types.contains("null") ? .nullableString : .string
    }
}
