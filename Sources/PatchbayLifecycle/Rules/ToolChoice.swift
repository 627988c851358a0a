import PatchbayJSON
import PatchbayModel

/// A request's `tool_choice`, whose form was checked when it came: whether the tools that it names are there. That is
/// known only where the server's own are.
struct ToolChoice {
    private let choice: JSONValue

    /// Nil for bytes that are no JSON.
    init?(_ json: [UInt8]) {
        guard let choice = (try? JSONDocument.parse(json))?.root else { return nil }
        self.choice = choice
    }

    /// Throws `.invalidRequest` for one that the tools of these fields, or else those of `defaults`, don't have.
    func check(_ fields: RequestFields, defaults: RequestFields) throws(GatewayError) {
        if choice.stringEquals("auto") || choice.stringEquals("none") { return }
        let tools = Tool.all(in: fields["tools"] == nil ? defaults : fields)
        if choice.kind == .string {
            if tools.isEmpty { throw Self.unknown("required", "tool_choice") }
        } else if choice["type"]?.stringEquals("allowed_tools") == true {
            for (index, entry) in (choice["tools"].map { Array($0.elements) } ?? []).enumerated() {
                try Self.check(entry, among: tools, "tool_choice.tools[\(index)]")
            }
        } else {
            try Self.check(choice, among: tools, "tool_choice")
        }
    }

    /// By its type, and its name where it has one.
    private static func check(_ entry: JSONValue, among tools: [Tool], _ path: String) throws(GatewayError) {
        let type = entry["type"]?.string ?? ""
        let name = entry["name"]?.string
        guard tools.contains(where: { $0.type == type && (name == nil || $0.name == name) }) else {
            throw unknown(name ?? type, path)
        }
    }

    private static func unknown(_ name: String, _ param: String) -> GatewayError {
        .invalid(
            "Tool choice '\(name.prefix(128))' not found in 'tools' parameter.", param: param, code: "invalid_value")
    }
}
