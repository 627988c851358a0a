import Logging
import PatchbayJSON
import PatchbayModel

/// Has a conversation summarised by a model, and seals the summary.
struct Compactor {
    let gateway: Gateway
    let exchange: Exchange

    /// What has become of a conversation.
    struct Compacted {
        var item: Item
        var summary: String
        /// Of the summariser's call.
        var usage: Usage?
    }

    /// The most bytes of a summary.
    private static let maxBytes = 1 << 20
    /// The most tokens of one: more would be no summary, and a small model may never come to an end by itself.
    private static let maxTokens = 1024

    /// Summarises all of `prompt`. `request` is whose conversation it is: its model summarises unless the deployment
    /// names another. Throws what the summariser's call throws, and `compaction_failed` for one that gives no summary.
    func compact(_ prompt: Prompt, of request: Request) async throws(GatewayError) -> Compacted {
        let transcript = try Transcript(prompt, instructions: prompt.instructions ?? request.instructions)
        let policy = gateway.policy.compaction
        var route = try gateway.router.route(policy.model ?? request.model)
        // What the model's answers are to be like is not for a summary.
        for name in ["text", "tools", "tool_choice", "parallel_tool_calls"] { route.defaults[name] = nil }
        let task = Request(
            model: policy.model ?? request.model, input: [], previousResponseID: nil, stream: false, store: false,
            fields: RequestFields([
                .init(name: "instructions", json: Self.json(policy.instructions)),
                .init(name: "max_output_tokens", json: Array("\(Self.maxTokens)".utf8)),
            ]), tools: [])
        let body = ProviderRequest(
            task, prompt: Prompt(summary: nil, items: [Self.message(transcript.text)[...]]), route: route,
            exchange: exchange, conversation: "", timeout: gateway.policy.answerTimeout)

        let run = QuietRun(exchange: exchange, maxBytes: Self.maxBytes)
        let end = try await run.perform { strand, receiver throws(GatewayError) in
            try route.provider.begin(body, on: strand, receiver: receiver)
        }
        switch end?.outcome {
        case .failed(let error): throw error
        case .contentFilter: throw Self.failed("its summary was cut by a filter")
        case .length:
            gateway.logger.notice(
                "a summary was cut at its limit",
                metadata: ["request_id": "\(exchange.id)", "tokens": "\(Self.maxTokens)"])
        case .stop, nil: break
        }
        guard run.text.utf8.contains(where: { $0 > 0x20 }) else { throw Self.failed("it gave no summary") }
        return Compacted(
            item: try await gateway.vault.seal(run.text, owner: exchange.owner), summary: run.text, usage: end?.usage)
    }

    static func failed(_ why: String) -> GatewayError {
        GatewayError(
            .provider, "The conversation could not be compacted by the model that summarises: \(why).",
            code: "compaction_failed")
    }

    private static func json(_ text: String) -> [UInt8] {
        var json = JSONWriter(capacity: text.utf8.count + 16)
        json.string(text)
        return json.bytes
    }

    private static func message(_ transcript: String) -> [UInt8] {
        var json = JSONWriter(capacity: transcript.utf8.count + 256)
        json.beginObject()
        json.key("type")
        json.string("message")
        json.key("role")
        json.string("user")
        json.key("content")
        json.beginArray()
        json.beginObject()
        json.key("type")
        json.string("input_text")
        json.key("text")
        json.string("Summarise this conversation.\n\n<transcript>\n\(transcript)\n</transcript>")
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
