import PatchbayJSON

extension OutputItem {
    /// The item in the form in which it is stored, given to clients and replayed.
    package var item: Item {
        switch self {
        case .message(let message):
            Item(kind: .message(role: "assistant"), id: message.id, body: message.body)
        case .functionCall(let call):
            Item(kind: .functionCall, id: call.id, callID: call.callID, body: call.body)
        case .reasoning(let reasoning):
            Item(kind: .reasoning, id: reasoning.id, body: reasoning.body)
        case .opaque(let item):
            item
        }
    }
}

extension OutputItem.Message {
    fileprivate var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("type")
        json.string("message")
        json.key("status")
        json.string(status.rawValue)
        json.key("role")
        json.string("assistant")
        json.key("content")
        json.beginArray()
        for part in parts { part.write(to: &json) }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}

extension OutputItem.FunctionCall {
    fileprivate var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("type")
        json.string("function_call")
        json.key("status")
        json.string(status.rawValue)
        json.key("call_id")
        json.string(callID)
        json.key("name")
        json.string(name)
        json.key("arguments")
        json.string(arguments)
        json.endObject()
        return json.bytes
    }
}

extension OutputItem.Reasoning {
    fileprivate var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("type")
        json.string("reasoning")
        json.key("summary")
        json.texts(summary, type: "summary_text")
        if !content.isEmpty {
            json.key("content")
            json.texts(content, type: "reasoning_text")
        }
        if let encryptedContent {
            json.key("encrypted_content")
            json.string(encryptedContent)
        }
        json.key("status")
        json.string(status.rawValue)
        json.endObject()
        return json.bytes
    }
}

extension ContentPart {
    /// Writes the part as one JSON object.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("type")
        switch self {
        case .text(let text, let annotations, let logprobs):
            json.string("output_text")
            json.key("text")
            json.string(text)
            json.key("annotations")
            json.values(annotations)
            json.key("logprobs")
            json.values(logprobs)
        case .refusal(let text):
            json.string("refusal")
            json.key("refusal")
            json.string(text)
        case .reasoning(let text):
            json.string("reasoning_text")
            json.key("text")
            json.string(text)
        }
        json.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func texts(_ texts: [String], type: String) {
        beginArray()
        for text in texts {
            beginObject()
            key("type")
            string(type)
            key("text")
            string(text)
            endObject()
        }
        endArray()
    }

    /// Writes an array of values that are JSON already.
    fileprivate mutating func values(_ values: [[UInt8]]) {
        beginArray()
        for value in values { raw(value) }
        endArray()
    }
}
