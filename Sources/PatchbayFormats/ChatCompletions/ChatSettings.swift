import PatchbayJSON
import PatchbayModel

/// The settings of a request: everything beside model, messages and tools. From the `openai` package 3.51.0.
enum ChatSettings {
    static func check(_ fields: FieldReader) throws(GatewayError) {
        try refuse(fields)
        for name in ["max_completion_tokens", "max_tokens"] as [StaticString] {
            try fields.checkInt(name, in: 1...Int(Int32.max))
        }
        try fields.checkInt("top_logprobs", in: 0...20)
        if fields.present("top_logprobs") != nil, try fields.bool("logprobs") != true {
            throw .invalid(
                "Invalid 'top_logprobs': it needs 'logprobs' to be true.", param: "top_logprobs",
                code: "invalid_value")
        }
        try fields.checkNumber("temperature", in: 0...2)
        try fields.checkNumber("top_p", in: 0...1)
        try fields.checkNumber("presence_penalty", in: -2...2)
        try fields.checkNumber("frequency_penalty", in: -2...2)
        _ = try fields.bool("parallel_tool_calls")
        _ = try fields.object("logit_bias")
        try fields.checkInt("seed", in: Int.min...Int.max)
        try checkStop(fields)
        try fields.checkMetadata("metadata")
        try fields.checkLength("prompt_cache_key", characters: 64)
        try fields.checkLength("safety_identifier", characters: 128)
        try fields.checkLength("user", characters: 1024)
        _ = try fields.string("service_tier", maxLength: 64)
        _ = try fields.string("reasoning_effort", maxLength: 64)
        try fields.check("verbosity", oneOf: ["low", "medium", "high"])
        if let options = try fields.object("stream_options") {
            _ = try options.bool("include_usage")
            _ = try options.bool("include_obfuscation")
        }
    }

    /// What can't be carried is refused, with what to do instead.
    private static func refuse(_ fields: FieldReader) throws(GatewayError) {
        for (name, advice) in Self.refused {
            guard let value = fields.present(name) else { continue }
            if value.kind == .array, value.count == 0 { continue }
            throw .invalid(
                "Unsupported parameter: '\(name)'. \(advice)", param: "\(name)", code: "unsupported_parameter")
        }
        try fields.checkInt("n", in: 1...maxChoices)
        if let count = fields.present("n")?.int, count > 1, try fields.bool("store") == true {
            throw .invalid(
                "Invalid 'n': \(count) with 'store'. What is kept has one answer, which can be continued: ask once for each.",
                param: "n", code: "unsupported")
        }
        for (index, value) in (try fields.array("modalities"))?.elements.enumerated().map({ $0 }) ?? []
        where value.string != "text" {
            throw .invalid(
                "Unsupported value for 'modalities[\(index)]': answers are text here, never audio.",
                param: "modalities[\(index)]", code: "unsupported")
        }
    }

    /// Each choice is a call of its own at the provider, and a stream in memory; OpenAI's 128 would be 128 of them for
    /// one request.
    private static let maxChoices = 8

    private static let refused: [(StaticString, String)] = [
        ("functions", "It was replaced by 'tools': send {\"type\": \"function\", \"function\": {…}} for each."),
        ("function_call", "It was replaced by 'tool_choice'."),
        ("audio", "Answers are text here, never audio."),
        ("web_search_options", "There is no web search here; a tool can do one."),
    ]

    private static func checkStop(_ fields: FieldReader) throws(GatewayError) {
        guard let stop = fields.present("stop"), stop.kind != .string else { return }
        guard stop.kind == .array else {
            throw fields.wrongType("stop", expected: "a string or an array of strings", found: stop)
        }
        try fields.checkStrings("stop")
        guard stop.count <= 16 else {
            throw .invalid(
                "Invalid 'stop': \(stop.count) texts. Expected at most 16.", param: "stop",
                code: "array_above_max_length")
        }
    }

    static func check(format: FieldReader) throws(GatewayError) {
        switch try format.requiredString("type", maxLength: 64) {
        case "text", "json_object": break
        case "json_schema":
            guard let schema = try format.object("json_schema") else { throw format.missing("json_schema") }
            try schema.checkName("name")
            _ = try schema.hasString("description")
            guard let object = try schema.object("schema") else { throw schema.missing("schema") }
            if try schema.bool("strict") == true {
                try object.checkStrict(
                    "response format '\(schema.value["name"]?.string ?? "")'", code: "invalid_json_schema")
            }
        case let type:
            throw .invalid(
                "Unknown format '\(type)'. Use 'text', 'json_object' or 'json_schema'.", param: format.path("type"),
                code: "invalid_value")
        }
    }
}
