import CPatchbay

/// `GenerateContentResponse`s, streamed or whole, into events. Only the first candidate counts: a request asks for one.
final class GenerateDecoder: Decoder {
    private(set) var finish: Int32?
    private(set) var usage: Usage?
    /// There is no closing mark, and a reason to finish may come with each of several last pieces.
    let isOver = false
    private var hasBegun = false
    private var calls: UInt32 = 0
    /// Signatures of texts, told when the text is over: told at once they would cut it in two.
    private var waiting: [Signature] = []
    private var isNoted = false

    private static let maxCalls: UInt32 = 1024

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        if !hasBegun, value["responseId"]?.text != nil || value["modelVersion"]?.text != nil {
            hasBegun = true
            output.upstream(
                responseID: value["responseId"]?.string ?? "", model: value["modelVersion"]?.string ?? "")
        }
        if let counts = Usage(gemini: value["usageMetadata"]) { usage = counts }
        if let reason = value["promptFeedback"]?["blockReason"]?.string, reason != "BLOCK_REASON_UNSPECIFIED" {
            output.log(PBAY_LOG_INFO, "the upstream blocked the prompt: \(reason.prefix(60))")
            finish = Int32(PBAY_FINISH_CONTENT_FILTER)
            return
        }
        let candidates = (value["candidates"] ?? value).elements
        guard let candidate = candidates.first(where: { $0["index"]?.int ?? 0 == 0 }) else { return }
        var logprobs = candidate["logprobsResult"]?.present
        for part in (candidate["content"]?["parts"] ?? value).elements {
            try self.part(part, logprobs: &logprobs, output)
        }
        if candidate["citationMetadata"]?.present != nil { note("citations", output) }
        if let reason = candidate["finishReason"]?.string { try end(reason, candidate, output) }
    }

    func whole(_ value: JSONValue, to output: Output) throws(Failure) {
        try event(value, to: output)
        if finish == nil {
            guard !output.isEmpty else { throw .unfinished }
            tellSignatures(output)
            finish = Int32(PBAY_FINISH_STOP)
        }
    }

    func mark(to output: Output) throws(Failure) {}

    // MARK: Parts

    private func part(_ part: JSONValue, logprobs: inout JSONValue?, _ output: Output) throws(Failure) {
        let signature = part["thoughtSignature"]?.text
        if let call = part["functionCall"]?.present {
            tellSignatures(output)
            if let signature { tell(Signature(.call, signature), output) }
            try self.call(call, output)
        } else if part["thought"]?.bool == true {
            tellSignatures(output)
            if let text = part["text"]?.text { output.reasoning(text) }
            if let signature { tell(Signature(.thought, signature), output) }
        } else if part["text"] != nil || (signature != nil && part.members.count == 1) {
            if let text = part["text"]?.text {
                if let entries = logprobs { output.logprobs(Logprobs.entries(entries)[...]) }
                logprobs = nil
                output.text(text)
            }
            if let signature, waiting.count < Self.maxCalls { waiting.append(Signature(.text, signature)) }
        } else if part["inlineData"] != nil || part["fileData"] != nil {
            throw Failure(
                code: Int32(PBAY_EUNSUPPORTED), message: "The model answered with media, which this server can't carry."
            )
        } else {
            note(part.members.first { !$0.keyEquals("thoughtSignature") }?.key ?? "an empty part", output)
        }
    }

    private func call(_ call: JSONValue, _ output: Output) throws(Failure) {
        guard call.kind == .object, let name = call["name"]?.string, !name.isEmpty, name.utf8.count <= 4096 else {
            throw .nonsense("The upstream calls a tool without a name.")
        }
        guard calls < Self.maxCalls else { throw .nonsense("The upstream calls more than \(Self.maxCalls) tools.") }
        let arguments = call["args"]?.present
        guard arguments == nil || arguments?.kind == .object else {
            throw .nonsense("The upstream's arguments are no object.")
        }
        output.beginToolCall(calls, id: String((call["id"]?.string ?? "").prefix(256)), name: name)
        output.arguments(arguments?.raw ?? Array("{}".utf8)[...], call: calls)
        output.endToolCall(calls)
        calls += 1
    }

    /// Each in a reasoning item of its own, or in the one that is open.
    private func tell(_ signature: Signature, _ output: Output) {
        output.opaqueReasoning(signature.encrypted)
        output.endItem()
    }

    private func tellSignatures(_ output: Output) {
        for signature in waiting { tell(signature, output) }
        waiting = []
    }

    /// What the hub has no place for, in the log once.
    private func note(_ what: String, _ output: Output) {
        guard !isNoted else { return }
        isNoted = true
        output.log(PBAY_LOG_WARNING, "the upstream sent \(what.prefix(60)), which was left out")
    }

    // MARK: The end

    private func end(_ reason: String, _ candidate: JSONValue, _ output: Output) throws(Failure) {
        var detail = "finishReason \(reason.prefix(60))"
        if let message = candidate["finishMessage"]?.string { detail += ": " + UpstreamError.cleaned(message) }
        switch reason {
        case "FINISH_REASON_UNSPECIFIED": return
        case "STOP": finish = Int32(PBAY_FINISH_STOP)
        case "MAX_TOKENS": finish = Int32(PBAY_FINISH_LENGTH)
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
            output.log(PBAY_LOG_INFO, "the upstream cut the answer: \(detail)")
            finish = Int32(PBAY_FINISH_CONTENT_FILTER)
        case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE":
            throw .nonsense("The model called a tool in a way that can't be read. Try again.", detail: detail)
        default: throw .nonsense("The upstream broke off its answer.", detail: detail)
        }
        tellSignatures(output)
    }
}
