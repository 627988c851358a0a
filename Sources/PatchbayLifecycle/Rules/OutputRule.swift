import PatchbayJSON
import PatchbayModel
import PatchbaySchema

/// What `text.format` promises of an answer. It is checked whatever the provider does about it; one that constrains its
/// model just passes. An answer that was cut short, one that refuses and one that calls a function promise nothing.
struct OutputRule {
    /// Nil: any JSON object.
    private let schema: JSONSchema?

    /// Nil where text is free.
    init?(_ request: Request, defaults: RequestFields) {
        // A turn that only compacts says no text.
        if case .now? = request.compaction { return nil }
        guard let text = request.fields["text"] ?? defaults["text"],
            let format = (try? JSONDocument.parse(text))?.root["format"]
        else { return nil }
        switch format["type"]?.string {
        case "json_object": schema = nil
        case "json_schema": schema = format["schema"].map(JSONSchema.init)
        default: return nil
        }
    }

    /// What is wrong with a complete answer; nil if nothing is. The last message counts: one before it may have told
    /// what the model is about to do.
    func problem(in output: [Item]) -> GatewayError? {
        guard !output.contains(where: { $0.type.hasSuffix("_call") && !Self.isAnswered($0, output) }) else {
            return nil
        }
        var text = ""
        if let message = output.last(where: { $0.type == "message" }) {
            for part in (try? JSONDocument.parse(message.body))?.root["content"]?.array.map(Array.init) ?? [] {
                if part["type"]?.stringEquals("refusal") == true { return nil }
                text += part["text"]?.string ?? ""
            }
        }
        guard let value = (try? JSONDocument.parse(Array(text.utf8)))?.root, schema != nil || value.kind == .object
        else {
            return GatewayError(
                .provider, "The model's answer is not the JSON that 'text.format' asks for.", code: "output_not_json")
        }
        guard let problem = schema?.problem(in: value) else { return nil }
        let place =
            problem.path.isEmpty
            ? "The model's answer" : "'\(problem.path.dropFirst().prefix(256))' of the model's answer"
        return GatewayError(
            .provider, "\(place) \(problem.message): it does not fit the schema of 'text.format'.",
            code: "output_schema_mismatch")
    }

    /// Of calls, those that the upstream or this server has answered itself.
    private static func isAnswered(_ call: Item, _ output: [Item]) -> Bool {
        ["web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call"]
            .contains(call.type)
            || output.contains { $0.kind == .functionCallOutput && $0.callID == call.callID }
    }
}
