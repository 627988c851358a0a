import PatchbayJSON
import PatchbayModel

/// The settings of a request: everything beside model, messages and tools. From Anthropic's OpenAPI, as llm-comply
/// 0.5.0 ships it. Unknown fields are carried.
enum MessagesSettings {
    static func check(_ fields: FieldReader, isCount: Bool) throws(GatewayError) {
        if fields.present("thread") != nil {
            throw .invalid(
                "Unsupported parameter: 'thread'. Nothing is kept of a message: send the whole conversation.",
                param: MessagesFormat.thread, code: "unsupported_parameter")
        }
        if !isCount {
            guard fields.present("max_tokens") != nil else { throw fields.missing("max_tokens") }
            try fields.checkInt("max_tokens", in: 1...Int(Int32.max))
        }
        try fields.checkNumber("temperature", in: 0...1)
        try fields.checkNumber("top_p", in: 0...1)
        try fields.checkInt("top_k", in: 0...Int(Int32.max))
        try fields.checkStrings("stop_sequences")
        if let stop = try fields.array("stop_sequences"), stop.count > 64 {
            throw .invalid(
                "Invalid 'stop_sequences': \(stop.count) texts. Expected at most 64.", param: "stop_sequences",
                code: "array_above_max_length")
        }
        _ = try fields.string("service_tier", maxLength: 64)
        if let metadata = try fields.object("metadata") { try metadata.checkLength("user_id", characters: 512) }
        if let thinking = try fields.object("thinking") { try check(thinking: thinking) }
        if let config = try fields.object("output_config") {
            _ = try config.string("effort", maxLength: 64)
            if let format = try config.object("format") {
                try format.check("type", oneOf: ["json_schema"])
                guard try format.object("schema") != nil else { throw format.missing("schema") }
            }
        }
    }

    private static func check(thinking: FieldReader) throws(GatewayError) {
        _ = try thinking.requiredString("type", maxLength: 64)
        try thinking.check("type", oneOf: ["enabled", "disabled", "adaptive"])
        guard thinking.value["type"]?.stringEquals("enabled") == true else { return }
        guard thinking.present("budget_tokens") != nil else { throw thinking.missing("budget_tokens") }
        try thinking.checkInt("budget_tokens", in: 1024...Int(Int32.max))
    }
}
