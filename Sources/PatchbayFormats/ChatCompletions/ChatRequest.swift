import PatchbayJSON
import PatchbayModel

/// Reading a request: every field that is known is checked and put where the hub has it, every other is carried.
struct ChatRequest {
    let request: Request
    let options: ChatFormat.Options

    init(_ root: JSONValue) throws(GatewayError) {
        let fields = try FieldReader(body: root)
        let model = try fields.requiredString("model", maxLength: 256)
        try ChatSettings.check(fields)
        let messages = try ChatMessages(fields)
        let tools = try ChatTools(fields)
        let stream = try fields.bool("stream") ?? false
        var carried = Self.carried(root)
        carried["max_output_tokens"] = (fields.present("max_completion_tokens") ?? fields.present("max_tokens")).bytes
        carried["reasoning"] = fields.present("reasoning_effort").map { Self.object("effort", $0) }
        carried["text"] = try Self.text(fields)
        carried["include"] = try Self.include(fields)
        carried["tools"] = tools.json
        carried["tool_choice"] = tools.choice
        var request = Request(
            model: model, input: messages.items, previousResponseID: nil, stream: stream,
            store: try fields.bool("store") ?? false, fields: carried, tools: tools.tools)
        request.isCompletion = true
        self.request = request
        options = ChatFormat.Options(
            includesUsage: try fields.object("stream_options")?.bool("include_usage") ?? false,
            choices: fields.present("n")?.int ?? 1, messages: messages.places)
    }

    /// Fields that have a place of their own in the hub, or none that is the provider's business.
    private static let taken: Set<String> = [
        "model", "messages", "stream", "stream_options", "store", "max_tokens", "max_completion_tokens",
        "reasoning_effort", "response_format", "verbosity", "logprobs", "tools", "tool_choice", "n", "modalities",
        "patchbay", "input", "previous_response_id", "conversation", "background", "text", "reasoning", "include",
        "max_output_tokens", "instructions", "truncation", "context_management", "max_tool_calls",
    ]

    private static func carried(_ root: JSONValue) -> RequestFields {
        var fields: [RequestFields.Field] = []
        for member in root.members {
            let key = member.key
            if taken.contains(key) || member.value.isNull { continue }
            fields.append(RequestFields.Field(name: key, json: Array(member.value.raw)))
        }
        return RequestFields(fields)
    }

    /// What the answer is to hold beside its text: reasoning too where the model is to reason, as without it an upstream
    /// that keeps nothing gives out nothing that it could go on thinking from.
    private static func include(_ fields: FieldReader) throws(GatewayError) -> [UInt8]? {
        let hasLogprobs = try fields.bool("logprobs") == true
        let effort = fields.present("reasoning_effort")
        let reasons = effort != nil && effort?.stringEquals("none") != true
        guard hasLogprobs || reasons else { return nil }
        var json = JSONWriter()
        json.array { json in
            if hasLogprobs { json.string("message.output_text.logprobs") }
            if reasons { json.string("reasoning.encrypted_content") }
        }
        return json.bytes
    }

    /// `response_format` and `verbosity` as the hub's `text`.
    private static func text(_ fields: FieldReader) throws(GatewayError) -> [UInt8]? {
        let verbosity = fields.present("verbosity")
        let format = try fields.object("response_format")
        guard format != nil || verbosity != nil else { return nil }
        if let format { try ChatSettings.check(format: format) }
        var json = JSONWriter()
        json.object { json in
            if let verbosity { json.member("verbosity", verbosity) }
            guard let format = format?.value else { return }
            json.member("format") { json in
                json.object { json in
                    json.member("type", format["type"])
                    for member in format["json_schema"]?.members.map({ $0 }) ?? [] where !member.value.isNull {
                        json.raw(member.raw)
                    }
                }
            }
        }
        return json.bytes
    }

    private static func object(_ name: StaticString, _ value: JSONValue) -> [UInt8] {
        var json = JSONWriter()
        json.object { $0.member(name, value) }
        return json.bytes
    }
}

extension JSONValue? {
    fileprivate var bytes: [UInt8]? { map { Array($0.raw) } }
}
