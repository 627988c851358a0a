import CPatchbay

/// One entry under `plugins:`. Immutable, hence shared by the strands of its calls.
final class Instance: Sendable {
    let id: UInt64
    let translator: Plugin
    let host: Host
    private let streamHeaders: HeaderBlock
    private let wholeHeaders: HeaderBlock

    init(_ id: UInt64, _ translator: Plugin, _ host: Host) {
        (self.id, self.translator, self.host) = (id, translator, host)
        streamHeaders = HeaderBlock(translator.upstream, accept: Self.streams)
        wholeHeaders = HeaderBlock(translator.upstream, accept: Self.documents)
    }

    private static let streams = "text/event-stream"
    private static let documents = "application/json"

    /// Makes a call and starts its exchange.
    func begin(_ request: UnsafePointer<pbay_request>, _ stream: UInt64, for purpose: Purpose) throws(Failure)
        -> UnsafeMutableRawPointer
    {
        let isStream = unsafe request.pointee.flags & UInt32(PBAY_REQUEST_STREAM) != 0
        let exchange = try exchange(
            unsafe request.pointee.body.bytes.span, isStream: isStream && purpose == .answer, purpose)
        let call = Call(self, exchange.decoder, stream: stream, for: purpose)
        let timeouts = translator.upstream.timeouts
        let left = unsafe UInt32(clamping: request.pointee.timeout_ms)
        let total = timeouts.total == 0 ? left : left == 0 ? timeouts.total : min(left, timeouts.total)
        // The call's one reference: `release` gives it back. No callback comes before `post` has returned.
        let context = unsafe Unmanaged.passRetained(call).toOpaque()
        do throws(Failure) {
            unsafe try host.post(
                stream, translator.upstream, to: exchange.url, headers: headers(of: exchange), body: exchange.body,
                isStream: exchange.isStream, totalTimeout: total, callbacks: Tables.callbacks, context: context)
        } catch {
            unsafe Unmanaged<Call>.fromOpaque(context).release()
            throw error
        }
        return unsafe context
    }

    /// Translates the request. What is left out of it is logged when it is to be answered, not when it is counted.
    private func exchange(_ body: borrowing Span<UInt8>, isStream: Bool, _ purpose: Purpose) throws(Failure) -> Exchange
    {
        let document: JSONDocument
        do { document = try JSONDocument.parse([UInt8](copying: body), limits: .hosts) } catch {
            throw Failure(code: Int32(PBAY_EINTERNAL), message: "The request is not JSON.", detail: error.message)
        }
        var notes: [String] = []
        defer { if purpose != .count { for note in notes { host.log(id, PBAY_LOG_WARNING, note) } } }
        switch purpose {
        case .answer: return try translator.answer(document.root, isStream: isStream, notes: &notes)
        case .count: return try translator.count(document.root, notes: &notes)
        case .embedding: return try translator.embed(document.root, notes: &notes)
        }
    }

    private func headers(of exchange: Exchange) -> HeaderBlock {
        if exchange.headers.isEmpty { return exchange.isStream ? streamHeaders : wholeHeaders }
        return HeaderBlock(
            translator.upstream, accept: exchange.isStream ? Self.streams : Self.documents, exchange.headers)
    }

    /// Calls `patienceEnded` in `milliseconds`, unless the stream ends before. Whether it will.
    func awaitEnd(_ call: Call, _ stream: UInt64, _ milliseconds: UInt64) -> Bool {
        unsafe host.after(
            milliseconds, stream, { unsafe Tables.borrow($0)?.patienceEnded() },
            Unmanaged.passUnretained(call).toOpaque())
    }
}

extension JSONLimits {
    /// What the host hands over: bounded and checked by it, a little deeper than what a client sent.
    fileprivate static let hosts = JSONLimits(
        maxBytes: 256 << 20, maxDepth: 256, maxValues: 8_000_000, rejectDuplicateKeys: false)
}
