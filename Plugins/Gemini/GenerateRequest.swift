/// The hub's request as a `GenerateContentRequest`. What Gemini has no place for is refused with its path; hints and
/// what only another provider can read are left out and noted for the log. One pass over the request: its time is
/// linear in its size.
struct GenerateRequest {
    /// Who speaks in one of `contents`.
    enum Role { case user, model }

    /// The answer to a call, held back until the step's answers are all there: they go in the order of the calls.
    struct Answer {
        let rank: Int
        let name: JSONValue
        let id: JSONValue
        let output: JSONValue?
        let isError: Bool
        let path: ItemPath
    }

    let request: JSONValue
    let config: Gemini
    let thinking: Thinking
    var json: JSONWriter
    var notes: [String] = []
    var leftOut = LeftOut()
    /// Whose content is open.
    var role: Role?
    /// Whether the open content has a call already: the first one of a step bears its signature.
    var hasCall = false
    /// Of a call that is still to come.
    var signature: Signature?
    /// All calls so far by their ids. Gemini names the function where others give an id alone.
    var calls: [String: (rank: Int, name: JSONValue)] = [:]
    var answers: [Answer] = []

    init(_ request: JSONValue, _ config: Gemini) {
        (self.request, self.config) = (request, config)
        thinking = config.thinking ?? Thinking(model: request["model"]?.string ?? "")
        json = JSONWriter(capacity: request.document.bytes.count + 512)
    }

    var allNotes: [String] { notes + leftOut.notes }

    /// The body of the upstream's request.
    mutating func write() throws(Failure) -> [UInt8] {
        json.beginObject()
        try writeMembers()
        json.endObject()
        return json.bytes
    }

    /// The body of a request for a count: all that an answer would be asked for.
    mutating func writeCount(of resource: String) throws(Failure) -> [UInt8] {
        json.beginObject()
        json.key("generateContentRequest")
        json.beginObject()
        json.member("model", resource)
        try writeMembers()
        json.endObject()
        json.endObject()
        return json.bytes
    }

    private mutating func writeMembers() throws(Failure) {
        try writeContents()
        try writeTools()
        if let safety = config.safety { json.member("safetySettings", raw: safety[...]) }
        json.key("generationConfig")
        json.beginObject()
        for member in request.members where !member.value.isNull { try writeField(member.key, member.value) }
        try writeThinking()
        json.endObject()
    }

    // MARK: How it is to be generated

    private mutating func writeField(_ name: String, _ value: JSONValue) throws(Failure) {
        switch name {
        case "model", "input", "instructions", "tools", "tool_choice", "reasoning": break
        case "temperature": json.member("temperature", value)
        case "top_p": json.member("topP", value)
        case "top_k": json.member("topK", value)
        case "max_output_tokens": json.member("maxOutputTokens", value)
        case "seed": json.member("seed", value)
        // Not all models have these two, and zero asks for nothing.
        case "presence_penalty": if value.double != 0 { json.member("presencePenalty", value) }
        case "frequency_penalty": if value.double != 0 { json.member("frequencyPenalty", value) }
        case "stop" where value.kind == .string: json.member("stopSequences") { $0.array { $0.value(value) } }
        case "stop": if value.count > 0 { json.member("stopSequences", value) }
        case "top_logprobs" where (value.int ?? 0) > 0:
            json.member("responseLogprobs", true)
            json.member("logprobs", value)
        case "include":
            let isMeant = value.elements.contains { $0.stringEquals("message.output_text.logprobs") }
            if isMeant, (request["top_logprobs"]?.int ?? 0) == 0 { json.member("responseLogprobs", true) }
        case "text": try writeFormat(value)
        default: try leftOut.field(name, value)
        }
    }

    private mutating func writeFormat(_ text: JSONValue) throws(Failure) {
        if text["verbosity"]?.present != nil { leftOut.hint("text.verbosity") }
        guard let format = text["format"]?.present else { return }
        switch format["type"]?.string {
        case "text": return
        case "json_object": break
        case "json_schema":
            guard let schema = format["schema"], schema.kind == .object else {
                throw .invalid("text.format.schema", "a schema is missing")
            }
            if config.takesJSONSchema {
                json.member("responseJsonSchema", schema)
            } else {
                json.key("responseSchema")
                try OpenAPISchema.write(schema, to: &json, path: "text.format.schema")
            }
        default: throw .unsupported("text.format.type", "This model's provider has no such format of text.")
        }
        json.member("responseMimeType", literal: "application/json")
    }

    private mutating func writeThinking() throws(Failure) {
        let reasoning = request["reasoning"]?.present
        let (effort, summary) = (reasoning?["effort"]?.string, reasoning?["summary"]?.present)
        guard thinking != .none else {
            if effort != nil { leftOut.hint("reasoning") }
            return
        }
        let asks = (summary != nil || effort != nil) && effort != "none"
        let includes = config.includesThoughts ?? asks
        guard includes || effort != nil else { return }
        json.key("thinkingConfig")
        json.beginObject()
        if includes { json.member("includeThoughts", true) }
        if let effort, !thinking.write(effort: effort, to: &json) {
            throw .unsupported("reasoning.effort", "This model's provider has no such effort of reasoning.")
        }
        json.endObject()
    }
}
