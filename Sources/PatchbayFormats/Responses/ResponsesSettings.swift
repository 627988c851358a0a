import PatchbayJSON
import PatchbayModel

/// The settings of a request: everything beside model, input and tools. Each that the `openai` package 3.51.0 knows is
/// checked; what a deployment's models may know better (a reasoning effort, a service tier) is bounded and carried.
enum ResponsesSettings {
    static func check(_ fields: FieldReader) throws(GatewayError) {
        _ = try fields.hasString("instructions")
        try fields.checkInt("max_output_tokens", in: 16...Int(Int32.max))
        try fields.checkInt("max_tool_calls", in: 1...Int(Int32.max))
        try fields.checkInt("top_logprobs", in: 0...20)
        try fields.checkNumber("temperature", in: 0...2)
        try fields.checkNumber("top_p", in: 0...1)
        try fields.checkNumber("presence_penalty", in: -2...2)
        try fields.checkNumber("frequency_penalty", in: -2...2)
        _ = try fields.bool("parallel_tool_calls")
        _ = try fields.bool("background")
        try fields.checkMetadata("metadata")
        try fields.check("truncation", oneOf: ["auto", "disabled"])
        try fields.checkLength("prompt_cache_key", characters: 64)
        try fields.checkLength("safety_identifier", characters: 128)
        try fields.checkLength("user", characters: 1024)
        _ = try fields.string("service_tier", maxLength: 64)
        try checkInclude(fields)
        if let reasoning = try fields.object("reasoning") {
            _ = try reasoning.string("effort", maxLength: 64)
            _ = try reasoning.string("mode", maxLength: 64)
            try reasoning.check("summary", oneOf: ["auto", "concise", "detailed"])
            try reasoning.check("generate_summary", oneOf: ["auto", "concise", "detailed"])
            try reasoning.check("context", oneOf: ["auto", "current_turn", "all_turns"])
        }
        if let options = try fields.object("stream_options") { _ = try options.bool("include_obfuscation") }
        if let text = try fields.object("text") {
            try text.check("verbosity", oneOf: ["low", "medium", "high"])
            if let format = try text.object("format") { try check(format: format) }
        }
        try checkRest(fields)
    }

    /// What only some providers know, and nothing here decides by.
    private static func checkRest(_ fields: FieldReader) throws(GatewayError) {
        if let prompt = try fields.object("prompt") {
            _ = try prompt.requiredString("id", maxLength: 256)
            _ = try prompt.string("version", maxLength: 256)
            _ = try prompt.object("variables")
        }
        try fields.check("prompt_cache_retention", oneOf: ["in_memory", "in-memory", "24h"])
        for name in ["access_programs", "image", "prompt_cache_options"] as [StaticString] {
            _ = try fields.object(name)
        }
        if let moderation = try fields.object("moderation") {
            _ = try moderation.requiredString("model", maxLength: 256)
        }
    }

    private static let includable = [
        "code_interpreter_call.outputs", "computer_call_output.output.image_url", "file_search_call.results",
        "message.input_image.image_url", "message.output_text.logprobs", "reasoning.encrypted_content",
        "web_search_call.action.sources", "web_search_call.results",
    ]

    private static func checkInclude(_ fields: FieldReader) throws(GatewayError) {
        try fields.checkStrings("include")
        guard let list = try fields.array("include") else { return }
        for (index, value) in list.elements.enumerated() {
            guard let name = value.string, !includable.contains(name) else { continue }
            let supported = includable.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalid(
                "Invalid value '\(name.prefix(64))' for 'include[\(index)]'. Supported values are: \(supported).",
                param: "include[\(index)]", code: "invalid_value")
        }
    }

    private static func check(format: FieldReader) throws(GatewayError) {
        let type = try format.requiredString("type", maxLength: 64)
        switch type {
        case "text", "json_object": break
        case "json_schema":
            try format.checkName("name")
            guard let schema = try format.object("schema") else { throw format.missing("schema") }
            _ = try format.hasString("description")
            if try format.bool("strict") == true {
                try schema.checkStrict(
                    "response format '\(format.value["name"]?.string ?? "")'", code: "invalid_json_schema")
            }
        default:
            throw .invalid(
                "Unknown format '\(type)'. Use 'text', 'json_object' or 'json_schema'.", param: format.path("type"),
                code: "invalid_value")
        }
    }
}
