import CPatchbay

/// A message, streamed or whole, into events. A block is begun, grows by deltas, and is ended; a whole message's blocks
/// are begun with all that they have.
final class MessagesDecoder: Decoder {
    private(set) var finish: Int32?
    private(set) var isOver = false
    var usage: Usage? { counts.usage }
    private var counts = MessageUsage()
    private var block: OpenBlock?
    private var calls: UInt32 = 0

    private static let maxCalls = 1024

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let type = value["type"] else { throw .nonsense("The upstream's event has no type.") }
        // By far the most frequent first, without a String.
        if type.stringEquals("content_block_delta") {
            guard let delta = value["delta"], block != nil else {
                throw .nonsense("The upstream sent a delta of a block that isn't open.")
            }
            try block?.take(delta, output)
            return
        }
        switch type.string ?? "" {
        case "message_start": start(value["message"] ?? value, output)
        case "content_block_start":
            guard let block = value["content_block"] else { throw .nonsense("The upstream's block has no content.") }
            try begin(block, output)
        case "content_block_stop": try endBlock(output)
        case "message_delta":
            counts.take(value["usage"])
            if let delta = value["delta"] { try end(delta, output) }
        case "message_stop": try mark(to: output)
        default: break  // a ping, or newer than this
        }
    }

    func whole(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let content = value["content"]?.array else { throw .nonsense("The upstream's reply has no content.") }
        start(value, output)
        for block in content { try begin(block, output) }
        try end(value, output)
        if finish == nil { finish = Int32(PBAY_FINISH_STOP) }
    }

    /// Servers that give no reason still end the message.
    func mark(to output: Output) throws(Failure) {
        try endBlock(output)
        if finish == nil {
            guard !output.isEmpty else { throw .unfinished }
            finish = Int32(PBAY_FINISH_STOP)
        }
        isOver = true
    }

    private func start(_ message: JSONValue, _ output: Output) {
        output.upstream(responseID: message["id"]?.string ?? "", model: message["model"]?.string ?? "")
        counts.take(message["usage"])
    }

    private func begin(_ content: JSONValue, _ output: Output) throws(Failure) {
        try endBlock(output)
        guard calls < Self.maxCalls else { throw .nonsense("The upstream calls more than \(Self.maxCalls) tools.") }
        block = try OpenBlock(content, call: calls, output)
        if content["type"]?.stringEquals("tool_use") == true { calls += 1 }
    }

    private func endBlock(_ output: Output) throws(Failure) {
        try block?.end(output)
        block = nil
    }

    /// Why the message ended, if it says so.
    private func end(_ delta: JSONValue, _ output: Output) throws(Failure) {
        guard let reason = delta["stop_reason"]?.string else { return }
        try endBlock(output)
        if let stop = delta["stop_sequence"]?.string { output.stopped(by: stop) }
        switch reason {
        case "max_tokens", "model_context_window_exceeded": finish = Int32(PBAY_FINISH_LENGTH)
        case "pause_turn":
            // The upstream's own tools would go on in a further request: the answer isn't complete.
            output.log(PBAY_LOG_WARNING, "the upstream paused its turn: the answer is incomplete")
            finish = Int32(PBAY_FINISH_LENGTH)
        case "refusal":
            if let words = delta["stop_details"]?["explanation"]?.text { output.refusal(words) }
            finish = Int32(PBAY_FINISH_CONTENT_FILTER)
        default: finish = Int32(PBAY_FINISH_STOP)
        }
    }
}
