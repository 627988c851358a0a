import CPatchbay

/// Where a call's events go: its stream at the host. A decoder pushes here, in the order of the hub's events. Once the host takes no more, what follows goes nowhere.
final class Output {
    let stream: UInt64
    let host: Host
    let instance: UInt64
    /// The host has ended the stream, and will say so by `cancel`: nothing need be translated any more.
    private(set) var isClosed = false
    /// The upstream's id of the request, from its reply's headers.
    var requestID = ""
    /// Whether anything of an answer was pushed.
    private(set) var isEmpty = true

    init(_ stream: UInt64, _ host: Host, instance: UInt64) {
        (self.stream, self.host, self.instance) = (stream, host, instance)
    }

    func text(_ text: ArraySlice<UInt8>) { push(PBAY_EVENT_TEXT, text) }
    func refusal(_ text: ArraySlice<UInt8>) { push(PBAY_EVENT_REFUSAL, text) }
    func reasoning(_ text: ArraySlice<UInt8>) { push(PBAY_EVENT_REASONING, text) }
    func summary(_ text: ArraySlice<UInt8>, part: UInt32) { push(PBAY_EVENT_REASONING_SUMMARY, text, index: part) }
    func opaqueReasoning(_ text: ArraySlice<UInt8>) { push(PBAY_EVENT_REASONING_OPAQUE, text) }
    func arguments(_ text: ArraySlice<UInt8>, call: UInt32) { push(PBAY_EVENT_ARGUMENTS, text, index: call) }
    func endToolCall(_ call: UInt32) { push(PBAY_EVENT_TOOL_CALL_END, [], index: call) }
    func item(_ json: ArraySlice<UInt8>) { push(PBAY_EVENT_ITEM, json) }
    func annotation(_ json: ArraySlice<UInt8>) { push(PBAY_EVENT_ANNOTATION, json) }
    /// Of the text that follows.
    func logprobs(_ json: ArraySlice<UInt8>) { push(PBAY_EVENT_LOGPROBS, json) }
    /// The numbers of an input's vector.
    func vector(_ bytes: ArraySlice<UInt8>, of input: UInt32) { push(PBAY_EVENT_VECTOR, bytes, index: input) }
    func endPart() { push(PBAY_EVENT_PART_END, []) }
    func endItem() { push(PBAY_EVENT_ITEM_END, []) }

    func beginToolCall(_ call: UInt32, id: String, name: String) {
        guard !isClosed else { return }
        note(host.push(stream, PBAY_EVENT_TOOL_CALL, index: call, id: id, name: name))
    }

    /// Tells what is known of the upstream's side, its request's id included.
    func upstream(responseID: String = "", model: String = "") {
        if responseID.isEmpty && model.isEmpty && requestID.isEmpty { return }
        host.upstream(stream, responseID: responseID, model: model, requestID: requestID)
    }

    func stopped(by stop: String) { host.stopped(stream, by: stop) }

    func log(_ level: Int, _ message: String) { host.log(instance, level, message) }

    private func push(_ kind: Int, _ text: ArraySlice<UInt8>, index: UInt32 = 0) {
        guard !isClosed else { return }
        note(host.push(stream, kind, index: index, text: text))
    }

    private func note(_ answer: Int32) {
        isEmpty = false
        if answer < 0 && answer != PBAY_EUNSUPPORTED { isClosed = true }
    }
}
