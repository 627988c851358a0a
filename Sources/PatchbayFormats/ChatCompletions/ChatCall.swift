import PatchbayJSON
import PatchbayModel

/// A call of a tool that the client runs.
struct ChatCall {
    let id: String
    let name: String
    /// A function's arguments, or a custom tool's input.
    let text: String
    let isCustom: Bool

    init(_ call: OutputItem.FunctionCall) {
        (id, name, text, isCustom) = (call.callID, call.name, call.arguments, false)
    }

    /// Nil for an item that is no call of a custom tool.
    init?(custom item: Item) {
        guard item.type == "custom_tool_call", let id = item.callID,
            let root = (try? JSONDocument.parse(item.body))?.root, let name = root["name"]?.string
        else { return nil }
        (self.id, self.name, text, isCustom) = (id, name, root["input"]?.string ?? "", true)
    }

    /// The members of a `tool_calls` entry; `index`: in a stream.
    func write(index: Int?, to json: inout JSONWriter) {
        if let index { json.member("index", index) }
        json.member("id", id)
        json.member("type", literal: isCustom ? "custom" : "function")
        json.member(isCustom ? "custom" : "function") { json in
            json.object { json in
                json.member("name", name)
                json.member(isCustom ? "input" : "arguments", text)
            }
        }
    }
}
