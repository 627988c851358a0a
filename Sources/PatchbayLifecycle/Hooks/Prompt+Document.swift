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
        guard let root = (try? JSONDocument.parse(json))?.root, let input = root["input"]?.array else {
            throw HookFault("its replacement has no 'input' that is an array")
        }
        let known = Set(self.items)
        let given = input.map(\.raw)
        var body = JSONWriter(capacity: json.count + model.utf8.count)
        body.object { body in
            body.member("model", model)
            body.member("input") { $0.items(given) { known.contains($0) } }
            if root.has("instructions") { body.member("instructions", root["instructions"]) }
        }
        let request: Request
        do throws(GatewayError) {
            request = try read(body.bytes)
        } catch {
            throw HookFault("its replacement is no input: \(error.place)")
        }
        guard request.input.count == given.count else { throw HookFault("its replacement's items are no items") }
        let items = zip(given, request.input).map { known.contains($0) ? $0 : $1.body[...] }
        for item in request.input {
            guard item.type != "item_reference", item.type != "compaction_trigger",
                CompactionItem.sealed(in: item) == nil
            else { throw HookFault("its replacement has an item of type '\(item.type)'") }
        }
        return replacing(
            items: items, instructions: request.instructions ?? instructions)
    }
}

extension JSONWriter {
    /// Writes the items that a hook has given for the format's reader. In the place of one that the hook has only passed
    /// on stands an empty message: what a provider or another server has made needn't be what a client may say here.
    mutating func items(_ given: [ArraySlice<UInt8>], isKnown: (ArraySlice<UInt8>) -> Bool) {
        array { json in
            for item in given {
                if isKnown(item) {
                    json.object { json in
                        json.member("role", "user")
                        json.member("content", "")
                    }
                } else {
                    json.raw(item)
                }
            }
        }
    }
}
