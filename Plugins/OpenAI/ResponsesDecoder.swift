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
    private var calls: [Int: CallState] = [:]
    private var hasBegun = false

    private enum CallState { case named, hasArguments, ended }
    static let maxCalls = 1024

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let type = value["type"], type.kind == .string else {
            throw .nonsense("The upstream sent an event without a type.")
        }
        guard let event = Event(type) else { return }
        switch event {
        case .textDelta:
            enter(value)
            if let logprobs = value["logprobs"], logprobs.kind == .array, logprobs.count > 0 {
                output.logprobs(logprobs.raw)
            }
            if let text = value["delta"]?.text { push { output.text(text) } }
        case .refusalDelta:
            enter(value)
            if let text = value["delta"]?.text { push { output.refusal(text) } }
        case .reasoningDelta:
            enter(value)
            if let text = value["delta"]?.text { push { output.reasoning(text) } }
        case .summaryDelta:
            enter(value)
            if let text = value["delta"]?.text { push { output.summary(text, part: part(value)) } }
        case .textDone: whole(value, "text") { output.text($0) }
        case .refusalDone: whole(value, "refusal") { output.refusal($0) }
        case .reasoningDone: whole(value, "text") { output.reasoning($0) }
        case .summaryDone: whole(value, "text") { output.summary($0, part: self.part(value)) }
        case .partDone:
            if hasPartContent { output.endPart() }
            hasPartContent = false
        case .annotation:
            if let annotation = value["annotation"], annotation.kind == .object { output.annotation(annotation.raw) }
        case .itemAdded:
            enter(value)
            if let item = value["item"], item["type"]?.stringEquals("function_call") == true {
                try begin(item, value, output)
            }
        case .itemDone:
            guard let item = value["item"], item.kind == .object else {
                throw .nonsense("The upstream ended an output item without giving it.")
            }
            try end(item, value, output)
        case .argumentsDelta: try arguments(value, "delta", output)
        case .argumentsDone:
            if calls[index(value)] == .named { try arguments(value, "arguments", output) }
        case .started:
            if let response = value["response"] { begin(response, output) }
        case .ended:
            guard let response = value["response"], response.kind == .object else {
                throw .nonsense("The upstream ended its response without giving it.")
            }
            try settle(response, output)
            isOver = true
        case .error:
            throw UpstreamError(value).failure()
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

    // MARK: The response

    private func begin(_ response: JSONValue, _ output: Output) {
        if hasBegun { return }
        hasBegun = true
        output.upstream(responseID: response["id"]?.string ?? "", model: response["model"]?.string ?? "")
    }

    private func settle(_ response: JSONValue, _ output: Output) throws(Failure) {
        begin(response, output)
        // The output is repeated here. Only who streamed nothing of it is read by it.
        if output.isEmpty, let items = response["output"]?.array {
            for (index, item) in items.enumerated() { try push(item, index: UInt32(index), output) }
        }
        usage = Usage(responses: response["usage"])
        switch response["status"]?.string ?? "completed" {
        case "completed": finish = Int32(PBAY_FINISH_STOP)
        case "incomplete":
            let isFiltered = response["incomplete_details"]?["reason"]?.stringEquals("content_filter") == true
            finish = Int32(isFiltered ? PBAY_FINISH_CONTENT_FILTER : PBAY_FINISH_LENGTH)
        case "failed":
            guard let error = response["error"]?.present else {
                throw .nonsense("The upstream failed and gave no reason.")
            }
            throw UpstreamError(error).failure()
        case "cancelled": throw .nonsense("The upstream cancelled its response.")
        case let other:
            throw .nonsense(
                "The upstream ended with a response that isn't complete.", detail: "status \(other.prefix(40))")
        }
    }

    // MARK: Items

    /// An event of another item than the last one's opens that item.
    private func enter(_ value: JSONValue) {
        let index = index(value)
        guard item != index else { return }
        item = index
        (hasItemContent, hasPartContent) = (false, false)
    }

    private func push(_ text: () -> Void) {
        (hasItemContent, hasPartContent) = (true, true)
        text()
    }

    /// The text of a `done` event, where no delta came before it.
    private func whole(_ value: JSONValue, _ key: StaticString, _ text: (ArraySlice<UInt8>) -> Void) {
        enter(value)
        if !hasPartContent, let bytes = value[key]?.text { push { text(bytes) } }
    }

    private func index(_ value: JSONValue) -> Int { value["output_index"]?.int ?? 0 }
    /// Bounded, because the host counts parts by it.
    private func part(_ value: JSONValue) -> UInt32 { UInt32(min(max(value["summary_index"]?.int ?? 0, 0), 1023)) }

    private func begin(_ item: JSONValue, _ value: JSONValue, _ output: Output) throws(Failure) {
        let index = index(value)
        guard calls[index] == nil else { return }
        guard (0..<Self.maxCalls).contains(index) else {
            throw .nonsense("The upstream numbers its output out of all bounds.")
        }
        guard let name = item["name"]?.string, !name.isEmpty else {
            throw .nonsense("The upstream calls a tool without a name.")
        }
        calls[index] = .named
        output.beginToolCall(UInt32(index), id: item["call_id"]?.string ?? "", name: name)
        if let arguments = item["arguments"]?.text {
            calls[index] = .hasArguments
            output.arguments(arguments, call: UInt32(index))
        }
    }

    private func arguments(_ value: JSONValue, _ key: StaticString, _ output: Output) throws(Failure) {
        let index = index(value)
        guard let state = calls[index], state != .ended else {
            throw .nonsense("The upstream sent arguments of a tool call that isn't open.")
        }
        guard let text = value[key]?.text else { return }
        calls[index] = .hasArguments
        output.arguments(text, call: UInt32(index))
    }

    private func end(_ item: JSONValue, _ value: JSONValue, _ output: Output) throws(Failure) {
        enter(value)
        let index = index(value)
        switch item["type"]?.string {
        case "function_call":
            if calls[index] == nil { try begin(item, value, output) }
            if calls[index] == .named, let arguments = item["arguments"]?.text {
                output.arguments(arguments, call: UInt32(index))
            }
            if calls[index] != .ended { output.endToolCall(UInt32(index)) }
            calls[index] = .ended
        case "message" where hasItemContent: output.endItem()
        case "reasoning" where hasItemContent:
            if let opaque = item["encrypted_content"]?.text { output.opaqueReasoning(opaque) }
            output.endItem()
        default: try push(item, index: UInt32(clamping: index), output)
        }
        (hasItemContent, hasPartContent) = (false, false)
    }
}
