import CPatchbay

/// The events of a Responses stream, or a whole response, into events. Deltas pass as they come; what a server says
/// only in its `done` events is taken from there.
final class ResponsesDecoder: Decoder {
    private(set) var finish: Int32?
    private(set) var isOver = false
    private(set) var usage: Usage?
    /// The item that deltas belong to, by its `output_index`.
    private var item: Int?
    /// Whether the open item, and its open part, have brought anything.
    private var hasItemContent = false
    private var hasPartContent = false
    private var hasBegun = false
    /// By `output_index`.
    var calls: [Int: CallState] = [:]
    enum CallState { case named, hasArguments, ended }
    static let maxCalls = 1024

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let type = value["type"], type.kind == .string else {
            throw .nonsense("The upstream's event has no type.")
        }
        // By far the most frequent, without a String.
        if type.stringEquals("response.output_text.delta") {
            if let logprobs = value["logprobs"], logprobs.kind == .array, logprobs.count > 0 {
                output.logprobs(logprobs.raw)
            }
            return text(value, "text") { output.text($0) }
        }
        let index = index(value)
        switch type.string ?? "" {
        case "response.output_text.done": text(value, "text") { output.text($0) }
        case "response.refusal.delta", "response.refusal.done": text(value, "refusal") { output.refusal($0) }
        case "response.reasoning_text.delta", "response.reasoning_text.done", "response.reasoning.delta",
            "response.reasoning.done":
            text(value, "text") { output.reasoning($0) }
        case "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
            "response.reasoning_summary.delta", "response.reasoning_summary.done":
            // Bounded, because the host counts parts by it.
            let part = UInt32(min(max(value["summary_index"]?.int ?? 0, 0), 1023))
            text(value, "text") { output.summary($0, part: part) }
        case "response.content_part.done", "response.reasoning_part.done", "response.reasoning_summary_part.done":
            if hasPartContent { output.endPart() }
            hasPartContent = false
        case "response.output_text.annotation.added":
            if let annotation = value["annotation"], annotation.kind == .object { output.annotation(annotation.raw) }
        case "response.output_item.added":
            enter(index)
            if let item = value["item"], item["type"]?.stringEquals("function_call") == true, calls[index] == nil {
                try begin(item, index, output)
            }
        case "response.output_item.done":
            enter(index)
            try end(try object("item", value), index, output)
        case "response.function_call_arguments.delta": try arguments(value, "delta", index, output)
        case "response.function_call_arguments.done":
            if calls[index] == .named { try arguments(value, "arguments", index, output) }
        case "response.created", "response.in_progress": if let response = value["response"] { begin(response, output) }
        case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
            try settle(try object("response", value), output)
            isOver = true
        case "error", "response.error": throw UpstreamError(value).failure()
        default: break  // the progress of what comes whole at its end
        }
    }

    func whole(_ value: JSONValue, to output: Output) throws(Failure) {
        guard value["output"]?.kind == .array else { throw .nonsense("The upstream's reply has no output.") }
        try settle(value, output)
    }

    /// Not part of this API; a few servers send it all the same, after the end.
    func mark(to output: Output) throws(Failure) {
        guard finish != nil else { throw .unfinished }
        isOver = true
    }

    private func begin(_ response: JSONValue, _ output: Output) {
        if hasBegun { return }
        hasBegun = true
        output.upstream(responseID: response["id"]?.string ?? "", model: response["model"]?.string ?? "")
    }

    private func settle(_ response: JSONValue, _ output: Output) throws(Failure) {
        begin(response, output)
        // The output is repeated here. Only who streamed nothing of it is read by it.
        if output.isEmpty, let items = response["output"]?.array {
            for (index, item) in items.enumerated() { try push(item, index: index, output) }
        }
        usage = Usage(openAI: response["usage"])
        switch response["status"]?.string ?? "completed" {
        case "completed": finish = Int32(PBAY_FINISH_STOP)
        case "incomplete":
            let reason = response["incomplete_details"]?["reason"]
            finish = Int32(
                reason?.stringEquals("content_filter") == true ? PBAY_FINISH_CONTENT_FILTER : PBAY_FINISH_LENGTH)
        case "failed":
            if let error = response["error"]?.present { throw UpstreamError(error).failure() }
            throw .nonsense("The upstream failed and gave no reason.")
        case let other:
            throw .nonsense("The upstream ended without a complete response.", detail: "status \(other.prefix(40))")
        }
    }

    /// An event of another item than the last one's opens that item.
    private func enter(_ index: Int) {
        guard item != index else { return }
        item = index
        (hasItemContent, hasPartContent) = (false, false)
    }

    /// A delta; or the whole text of a `done` event, where no delta came before it.
    private func text(_ value: JSONValue, _ key: StaticString, _ push: (ArraySlice<UInt8>) -> Void) {
        enter(index(value))
        guard let text = value["delta"]?.text ?? (hasPartContent ? nil : value[key]?.text) else { return }
        (hasItemContent, hasPartContent) = (true, true)
        push(text)
    }

    private func index(_ value: JSONValue) -> Int { value["output_index"]?.int ?? 0 }
    private func object(_ key: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        if let object = value[key], object.kind == .object { return object }
        throw .nonsense("The upstream's last event about its \(key) doesn't hold it.")
    }

    private func end(_ item: JSONValue, _ index: Int, _ output: Output) throws(Failure) {
        switch item["type"]?.string {
        case "message" where hasItemContent: output.endItem()
        case "reasoning" where hasItemContent:
            if let opaque = item["encrypted_content"]?.text { output.opaqueReasoning(opaque) }
            output.endItem()
        default: try push(item, index: index, output)
        }
        (hasItemContent, hasPartContent) = (false, false)
    }
}
