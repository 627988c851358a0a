import PatchbayJSON
import PatchbayModel

/// What a provider is about to be given, as hooks see it and give it.
extension Prompt {
    func document(model: String, instructions: String?) -> [UInt8] {
        var json = JSONWriter(capacity: 256 + items.reduce(0) { $0 + $1.count + 1 })
        json.object { json in
            json.member("model", model)
            if let instructions { json.member("instructions", instructions) }
            json.member("input") { json in json.array { json in for item in items { json.raw(item) } } }
        }
        return json.bytes
    }

    /// What a hook has put in the place of this: `{"input": [items]}`, perhaps with `instructions`. Throws what is wrong
    /// with it, without its contents.
    func replaced(
        by json: [UInt8], model: String, read: (@Sendable ([UInt8]) throws(GatewayError) -> Request)?
    ) throws(HookFault) -> Prompt {
        guard let read else { throw HookFault("this server reads no replacements") }
        guard let root = (try? JSONDocument.parse(json))?.root, let input = root["input"], input.kind == .array else {
            throw HookFault("its replacement has no 'input' that is an array")
        }
        var body = JSONWriter(capacity: json.count + model.utf8.count)
        body.object { body in
            body.member("model", model)
            body.member("input", input)
            if root.has("instructions") { body.member("instructions", root["instructions"]) }
        }
        let request: Request
        do throws(GatewayError) {
            request = try read(body.bytes)
        } catch {
            throw HookFault("its replacement is no input: \(error.place)")
        }
        for item in request.input {
            guard item.type != "item_reference", item.type != "compaction_trigger",
                CompactionItem.sealed(in: item) == nil
            else { throw HookFault("its replacement has an item of type '\(item.type)'") }
        }
        return replacing(
            items: request.input.map { $0.body[...] }, instructions: request.instructions ?? instructions)
    }
}
