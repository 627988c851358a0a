/// One item of a request's input, checked as far as every provider needs it.
enum InputItem {
    /// `developer` is `system`.
    enum Role {
        case system, user, assistant

        fileprivate init?(_ value: JSONValue) {
            if value.stringEquals("user") {
                self = .user
            } else if value.stringEquals("assistant") {
                self = .assistant
            } else if value.stringEquals("system") || value.stringEquals("developer") {
                self = .system
            } else {
                return nil
            }
        }
    }

    case message(Role, content: JSONValue?)
    /// All three are strings; `arguments` holds a JSON text.
    case call(id: JSONValue, name: JSONValue, arguments: JSONValue)
    /// The output of the call with this id: a string, or an array of parts.
    case output(call: JSONValue, JSONValue?, isError: Bool)
    /// `texts` is what can be read of it (`encrypted_content`, if any, is what its maker can read).
    case reasoning(texts: [JSONValue])

    /// Any other item is refused with its path, unless `takes` its type, as the provider's own `anthropic:…`: then nil.
    init?(_ item: JSONValue, _ path: ItemPath, takes: (String) -> Bool = { _ in false }) throws(Failure) {
        let type = item["type"]
        if type?.stringEquals("message") ?? item.has("role") {
            guard let role = item["role"].flatMap({ Role($0) }) else {
                throw .invalid(path.text(".role"), "no such role")
            }
            self = .message(role, content: item["content"])
            return
        }
        switch type?.string ?? "" {
        case "function_call":
            self = .call(
                id: try Self.string(item, "call_id", path), name: try Self.string(item, "name", path),
                arguments: try Self.string(item, "arguments", path))
        case "function_call_output":
            let isError = item["is_error"]?.bool == true
            self = .output(call: try Self.string(item, "call_id", path), item["output"], isError: isError)
        case "reasoning":
            self = .reasoning(
                texts: (item["content"] ?? item).elements.compactMap { $0["text"] }.filter { $0.count > 0 })
        case let type where takes(type): return nil
        case let type:
            throw .unsupported(
                path.text(".type"), "This model's provider can't take items of type '\(type.prefix(60))'.")
        }
    }

    private static func string(_ item: JSONValue, _ key: StaticString, _ path: ItemPath) throws(Failure) -> JSONValue {
        guard let value = item[key], value.kind == .string else {
            throw .invalid(path.field(key).text(), "a string is missing")
        }
        return value
    }
}
