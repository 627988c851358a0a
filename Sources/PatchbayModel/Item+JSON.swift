import PatchbayJSON

extension Item {
    /// Takes an item out of a JSON object: its kind by `type` (a `role` without a `type` is a message), its id, its
    /// call id, and the rest unchanged. Nil if the value is no object or has neither. Whether the item is well-formed
    /// beyond that is the format's question.
    package init?(_ value: JSONValue) {
        let type = value["type"]?.string
        let kind: Kind
        switch type {
        case "message", nil:
            guard let role = value["role"]?.string else { return nil }
            kind = .message(role: role)
        case "function_call": kind = .functionCall
        case "function_call_output": kind = .functionCallOutput
        case "reasoning": kind = .reasoning
        case let type?: kind = .other(type: type)
        }
        var json = JSONWriter()
        json.beginObject()
        if type == nil {
            json.key("type")
            json.string("message")
        }
        for member in value.members where member.key != "id" {
            json.key(member.key)
            json.raw(member.value.raw)
        }
        json.endObject()
        self.init(kind: kind, id: value["id"]?.string, callID: value["call_id"]?.string, body: json.bytes)
    }

    /// Writes the item as one JSON object, its id first.
    package func write(to json: inout JSONWriter) {
        guard let id else {
            json.raw(body)
            return
        }
        var object = JSONWriter()
        object.beginObject()
        object.key("id")
        object.string(id)
        object.endObject()
        // `{"id":"…"}` and `{"type":…}` become one object: the first brace of the body gives way to a comma.
        var bytes = object.bytes
        bytes.removeLast()
        bytes.append(UInt8(ascii: ","))
        bytes.append(contentsOf: body.dropFirst())
        json.raw(bytes)
    }
}
