import PatchbayJSON
import PatchbayModel
import PatchbaySchema

/// The tools of the server, as turns need them.
final class Toolbox: Sendable {
    struct Entry: Sendable {
        let tool: ServerTool
        /// What a call's arguments must fit.
        let schema: JSONSchema?
        /// The tool as an element of a request's `tools`.
        let definition: [UInt8]
    }

    /// In the order of the configuration.
    private let entries: [Entry]

    /// Nil where there are none, so that a request of a server without tools isn't looked at for them.
    init?(_ tools: [ServerTool]) {
        guard !tools.isEmpty else { return nil }
        entries = tools.map(Entry.init)
    }

    /// The tools among `names` (nil: all) that aren't called like one of the client's.
    func entries(named names: [String]?, except taken: Set<String>) -> [Entry] {
        entries.filter { entry in
            !taken.contains(entry.tool.name) && names?.contains(entry.tool.name) != false
        }
    }
}

extension Toolbox.Entry {
    init(_ tool: ServerTool) {
        let schema = (try? JSONDocument.parse(tool.parameters))?.root
        var json = JSONWriter(capacity: 128 + tool.description.utf8.count + tool.parameters.count)
        json.object { json in
            json.member("type", "function")
            json.member("name", tool.name)
            if !tool.description.isEmpty { json.member("description", tool.description) }
            if let schema {
                json.key("parameters")
                json.value(schema)
            }
            json.key("strict")
            json.bool(schema.map { StrictSchema.problem(in: $0) == nil } ?? false)
        }
        self.init(tool: tool, schema: schema.map(JSONSchema.init), definition: json.bytes)
    }
}
