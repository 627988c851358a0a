import PatchbayJSON
import PatchbayModel

/// Reading a request: every field that is known is checked and put where the hub has it. What only Anthropic's models
/// know goes together into the hub's field `anthropic`, for a provider that speaks to them.
struct MessagesRequest {
    let request: Request
    let options: MessagesFormat.Options

    init(_ root: JSONValue, isCount: Bool) throws(GatewayError) {
        let fields = try FieldReader(body: root)
        let model = try fields.requiredString("model", maxLength: 256)
        try MessagesSettings.check(fields, isCount: isCount)
        let content = try MessagesContent(fields)
        let tools = try MessagesTools(fields)
        request = Request(
            model: model, input: content.items, previousResponseID: nil, stream: try fields.bool("stream") ?? false,
            store: false, fields: try Self.fields(fields, tools), tools: tools.tools)
        options = MessagesFormat.Options(places: content.places)
    }

    private static func fields(_ fields: FieldReader, _ tools: MessagesTools) throws(GatewayError) -> RequestFields {
        var hub = RequestFields()
        for (name, key) in [
            ("max_output_tokens", "max_tokens"), ("temperature", "temperature"), ("top_p", "top_p"),
            ("top_k", "top_k"), ("stop", "stop_sequences"),
        ] as [(String, StaticString)] {
            hub[name] = fields.present(key).map { Array($0.raw) }
        }
        hub["tools"] = tools.json
        hub["tool_choice"] = tools.choice
        if tools.forbidsParallel { hub["parallel_tool_calls"] = Array("false".utf8) }
        if let user = try fields.object("metadata")?.present("user_id") { hub["user"] = Array(user.raw) }
        let (reasoning, isThinking) = try reasoning(fields)
        hub["reasoning"] = reasoning
        // Without it an upstream that keeps nothing gives out nothing that it could go on thinking from.
        if reasoning != nil || isThinking { hub["include"] = Array(#"["reasoning.encrypted_content"]"#.utf8) }
        hub["text"] = try text(fields)
        hub["anthropic"] = own(fields)
        return hub
    }

    /// How much the model is to think: the effort that was asked for, else by the budget of tokens. Where its thoughts
    /// are to be shown, upstreams that give none unasked are asked for them. Where thinking is off nothing is said, as
    /// an effort would turn it on.
    private static func reasoning(_ fields: FieldReader) throws(GatewayError) -> (json: [UInt8]?, isThinking: Bool) {
        let thinking = try fields.object("thinking")
        let type = thinking?.value["type"]?.string
        if type == "disabled" { return (nil, false) }
        let shows = type != nil && thinking?.value["display"]?.stringEquals("omitted") != true
        var effort = try fields.object("output_config")?.present("effort")?.string
        if effort == nil, type == "enabled" {
            switch thinking?.value["budget_tokens"]?.int ?? 0 {
            case ..<4096: effort = "low"
            case ..<16384: effort = "medium"
            default: effort = "high"
            }
        }
        guard effort != nil || shows else { return (nil, type != nil) }
        var json = JSONWriter()
        json.object { json in
            if let effort { json.member("effort", effort) }
            if shows { json.member("summary", literal: "auto") }
        }
        return (json.bytes, type != nil)
    }

    private static func text(_ fields: FieldReader) throws(GatewayError) -> [UInt8]? {
        guard let format = try fields.object("output_config")?.object("format") else { return nil }
        var json = JSONWriter()
        json.object { json in
            json.member("format") { json in
                json.object { json in
                    json.member("type", literal: "json_schema")
                    json.member("name", literal: "answer")
                    json.member("schema", format.value["schema"])
                    json.member("strict", true)
                }
            }
        }
        return json.bytes
    }

    /// Fields that the hub has a place for, or that are nobody's business but this format's.
    private static let taken: Set<String> = [
        "model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences",
        "tools",
        "tool_choice", "metadata",
    ]

    private static func own(_ fields: FieldReader) -> [UInt8]? {
        let members = fields.value.members.filter { !taken.contains($0.key) && !$0.value.isNull }
        guard !members.isEmpty else { return nil }
        var json = JSONWriter()
        json.object { json in
            for member in members { json.raw(member.raw) }
        }
        return json.bytes
    }
}
