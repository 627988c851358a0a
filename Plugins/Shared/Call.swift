import CPatchbay

/// One call of the provider, from `begin` to `release`: one HTTP exchange and what its reply is turned into. All on the call's
/// strand.
///
/// It gives exactly one terminal, at the first of: the upstream's end of the answer, a failure, a cancellation.
final class Call {
    private let instance: Instance
    private let decoder: any Decoder
    private let output: Output
    /// For the reply. Not for the request too: a stream that waits would keep the buffers that its request needed.
    private lazy var parser = JSONParser()
    private var head = Head()
    /// A reply that isn't an event stream: the answer itself, or the upstream's words about an error.
    private var body: [UInt8] = []
    private let purpose: Purpose
    private var isEnded = false
    private var isAwaitingEnd = false

    private static let maxReplyBytes = 64 << 20
    private static let maxErrorBytes = 64 << 10
    /// How long the end of an exchange is awaited once the answer is complete, so that its connection can be used
    /// again. Upstreams close the body at once; one that doesn't must not hold up the client.
    private static let patience: UInt64 = 100

    init(_ instance: Instance, _ decoder: any Decoder, stream: UInt64, for purpose: Purpose) {
        (self.instance, self.decoder, self.purpose) = (instance, decoder, purpose)
        output = Output(stream, instance.host, instance: instance.id)
    }

    // MARK: The exchange

    func head(_ head: Head) {
        self.head = head
        output.requestID = head.requestID
        if !head.isOK { output.upstream() }
    }

    func event(_ data: borrowing Span<UInt8>) {
        guard !isEnded, !isAwaitingEnd, !output.isClosed else { return }
        do throws(Failure) {
            if Self.isMark(data) {
                try decoder.mark(to: output)
            } else if !data.isEmpty {
                try decoder.event(try parse(data), to: output)
            }
        } catch {
            return fail(error)
        }
        if decoder.isOver { awaitEnd() }
    }

    func data(_ bytes: borrowing Span<UInt8>) {
        guard !isEnded, !output.isClosed else { return }
        let room = (head.isOK ? Self.maxReplyBytes : Self.maxErrorBytes) - body.count
        if bytes.count > room {
            if head.isOK { return fail(.transport(Int32(PBAY_HTTP_LIMIT), status: Int32(head.status), detail: "")) }
            body.append(copying: bytes.extracting(first: room))
        } else {
            body.append(copying: bytes)
        }
    }

    /// The exchange is over.
    func done(outcome: Int32, status: Int, message: String) {
        guard !isEnded else { return }
        if output.isClosed { return fail(.cancelled) }
        if head.status == 0 { head.status = status }
        // The answer was complete: how the connection ended after it doesn't matter.
        if decoder.finish != nil, body.isEmpty {
            if outcome != PBAY_HTTP_OK {
                output.log(PBAY_LOG_DEBUG, "the exchange broke after the answer's end: \(message)")
            }
            return finish()
        }
        guard outcome == PBAY_HTTP_OK else {
            return fail(.transport(outcome, status: Int32(clamping: head.status), detail: message))
        }
        guard head.isOK else {
            switch (purpose, head.status) {
            case (.count, 404), (.count, 405), (.count, 501): return fail(.uncounted(status: head.status))
            case (.embedding, 405), (.embedding, 501): return fail(.vectorless(status: head.status))
            default: break
            }
            var error = UpstreamError(text: String(decoding: body.prefix(300), as: UTF8.self))
            if let reply = try? JSONDocument.parse(body, limits: .chunk).root {
                // One API of Gemini's wraps it in an array.
                error = self.error((reply[0] ?? reply)["error"]?.present ?? reply)
            }
            error.status = head.status
            if head.retryAfter > 0 { error.retryAfter = head.retryAfter }
            return fail(error.failure(param: instance.translator.clientParam))
        }
        guard !body.isEmpty else { return fail(.unfinished) }
        do throws(Failure) {
            let reply = body
            body = []
            try decoder.whole(try parse(reply.span), to: output)
        } catch {
            return fail(error)
        }
        finish()
    }

    // MARK: The end

    /// The host settled the answer: its exchange is cancelled with the stream, what it still brings is ignored.
    func cancel() { fail(.cancelled) }

    /// The exchange did not end soon after the answer.
    func patienceEnded() {
        if !isEnded { finish() }
    }

    private func awaitEnd() {
        isAwaitingEnd = true
        if !output.isClosed, !instance.awaitEnd(self, output.stream, Self.patience) { finish() }
    }

    private func finish() {
        guard let reason = decoder.finish else { return fail(.unfinished) }
        isEnded = true
        instance.host.finish(output.stream, reason, decoder.usage)
    }

    private func fail(_ failure: Failure) {
        guard !isEnded else { return }
        isEnded = true
        var failure = failure
        if failure.status == 0 { failure.status = Int32(clamping: head.status) }
        failure.redact(instance.translator.upstream.apiKey)
        instance.host.fail(output.stream, failure)
    }

    // MARK: JSON

    /// A whole JSON object; an `error` in it ends the call.
    private func parse(_ data: borrowing Span<UInt8>) throws(Failure) -> JSONValue {
        let value: JSONValue
        do { value = try parser.parse(data, limits: .reply).root } catch {
            throw .nonsense("The upstream sent something that is not JSON.", detail: error.message)
        }
        guard value.kind == .object else { throw .nonsense("The upstream sent \(value.kind) where an object belongs.") }
        if let error = value["error"]?.present {
            throw self.error(error).failure(param: instance.translator.clientParam)
        }
        return value
    }

    private func error(_ value: JSONValue) -> UpstreamError {
        var error = UpstreamError(value)
        error.purpose = purpose
        instance.translator.refine(&error, value)
        return error
    }

    /// `[DONE]`, white space after it allowed.
    private static func isMark(_ data: borrowing Span<UInt8>) -> Bool {
        let mark: [UInt8] = [0x5B, 0x44, 0x4F, 0x4E, 0x45, 0x5D]
        guard data.count >= mark.count, data[0] == mark[0], data[1] == mark[1] else { return false }
        for index in mark.indices where data[index] != mark[index] { return false }
        return (mark.count..<data.count).allSatisfy { data[$0] == 0x20 || data[$0] == 0x0D || data[$0] == 0x0A }
    }
}

extension JSONLimits {
    /// An event or a whole reply of an upstream: as `chunk`, and as large as a reply may be.
    fileprivate static let reply = JSONLimits(maxBytes: 64 << 20, maxValues: 4_000_000, rejectDuplicateKeys: false)
}
