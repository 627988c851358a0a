import PatchbayJSON
import PatchbayModel

/// `tool_choice: {"type": "allowed_tools"}`: of the tools that the request offers, those that may be called in this
/// turn. The host sees to it: a provider is offered only these, with the choice's mode as its own `tool_choice`.
struct AllowedTools {
    /// The tools that are left, as JSON.
    let tools: [UInt8]
    /// `"auto"` or `"required"`, as JSON.
    let mode: [UInt8]
    /// The names of the functions among them (and of tools that the client runs likewise).
    let names: Set<String>

    /// Nil where the choice is another.
    init?(choice: [UInt8]?, tools: [UInt8]?) {
        guard let choice = choice.flatMap({ try? JSONDocument.parse($0) })?.root,
            choice["type"]?.stringEquals("allowed_tools") == true
        else { return nil }
        let offered = tools.flatMap { try? JSONDocument.parse($0) }?.root.elements.map { $0 } ?? []
        let allowed = choice["tools"]?.elements.map { $0 } ?? []
        let left = offered.filter { tool in allowed.contains { tool.isMeant(by: $0) } }
        var json = JSONWriter()
        json.array { json in
            for tool in left { json.value(tool) }
        }
        self.tools = json.bytes
        mode = JSONWriter.quoted(choice["mode"]?.string ?? "auto")
        names = Set(left.compactMap { $0["name"]?.string })
    }
}

extension JSONValue {
    /// Whether an entry of `allowed_tools` means this tool: the same type, name and server, as far as it says them.
    fileprivate func isMeant(by entry: JSONValue) -> Bool {
        for key in ["type", "name", "server_label"] as [StaticString] {
            if let wanted = entry[key]?.string, self[key]?.string != wanted { return false }
        }
        return true
    }
}

extension RequestFields {
    /// The fields as a provider gets them: of `allowed_tools` what is left to choose.
    var forProvider: RequestFields {
        guard let allowed = AllowedTools(choice: self["tool_choice"], tools: self["tools"]) else { return self }
        var fields = self
        fields["tools"] = allowed.tools
        fields["tool_choice"] = allowed.mode
        return fields
    }
}
