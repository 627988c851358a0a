import PatchbayJSON
import PatchbayModel

extension Item {
    /// Whether the item is a call that whoever asked is to answer: neither the upstream has run it, nor is its output
    /// among the items. An approval that is asked for is one too.
    func isOpenCall(among items: [Item]) -> Bool {
        if type == "mcp_approval_request" { return true }
        guard type.hasSuffix("_call"), !Self.runUpstream.contains(type) else { return false }
        if type == "tool_search_call" {
            return (try? JSONDocument.parse(body))?.root["execution"]?.stringEquals("client") == true
        }
        guard let callID else { return true }
        return !items.contains { $0.callID == callID && $0.type.hasSuffix("_call_output") }
    }

    /// Types of calls that come with what came of them.
    private static let runUpstream: Set<String> = [
        "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call",
    ]
}
