import CPatchbay
internal import NIOCore
import NIOHTTP1
internal import PatchbayUpstream

/// One HTTP exchange made for a plugin's stream: hands what comes to the plugin's callbacks. On the strand alone, but
/// for its handle.
final class HTTPExchange: @unchecked Sendable {
    let id: UInt64
    let stream: StreamCall
    private let callbacks: HTTPCallbacks
    private var call: UpstreamCall?
    /// Of the reply, 0 until it came.
    private var status: Int32 = 0
    private var isPaused = false
    /// From then on the plugin hears of the end alone.
    private var isCancelled = false
    /// The plugin hears of nothing.
    private var isMuted = false

    init(id: UInt64, stream: StreamCall, callbacks: HTTPCallbacks) {
        self.id = id
        self.stream = stream
        self.callbacks = callbacks
    }

    func start(_ request: UpstreamRequest) throws(UpstreamRequestError) {
        call = try stream.upstream.start(request, on: stream.loop, delegate: self)
        stream.exchanges.append(self)
        if stream.isPaused { pause() }
    }

    func pause() {
        guard !isPaused else { return }
        isPaused = true
        call?.pause()
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        call?.resume()
    }

    /// False: it had been cancelled.
    @discardableResult
    func cancel() -> Bool {
        guard !isCancelled else { return false }
        isCancelled = true
        call?.cancel()
        return true
    }

    func mute() {
        isMuted = true
    }

    /// It is over, or never was.
    func forget() {
        call = nil
        HostRegistry.shared.exchanges.remove(id)
        stream.exchangeEnded(self)
    }
}

extension HTTPExchange: UpstreamDelegate {
    func upstream(head: UpstreamHead) {
        status = Int32(head.status)
        guard !isCancelled, !isMuted, let tell = unsafe callbacks.head else { return }
        unsafe head.headers.withCHeaders { headers in
            unsafe tell(callbacks.context, Int32(head.status), headers.baseAddress, UInt64(headers.count))
        }
    }

    func upstream(data: ByteBuffer) {
        guard !isCancelled, !isMuted else { return }
        unsafe data.withUnsafeReadableBytes { unsafe callbacks.data(callbacks.context, pbay_text(lending: $0)) }
    }

    func upstream(event: SSEEvent) {
        guard !isCancelled, !isMuted, let tell = unsafe callbacks.event else { return }
        unsafe event.data.withUnsafeReadableBytes { data in
            var piece = unsafe pbay_http_event()
            unsafe piece.size = UInt32(MemoryLayout<pbay_http_event>.size)
            unsafe piece.data = pbay_text(lending: data)
            if let name = event.name {
                unsafe name.withUnsafeReadableBytes { name in
                    unsafe piece.name = pbay_text(lending: name)
                    unsafe tell(callbacks.context, &piece)
                }
            } else {
                unsafe tell(callbacks.context, &piece)
            }
        }
    }

    func upstreamDone(_ outcome: UpstreamOutcome) {
        if !isMuted {
            let (code, message) = outcome.reason.told
            unsafe message.withCText { text in
                var result = unsafe pbay_http_result(
                    size: UInt32(MemoryLayout<pbay_http_result>.size), outcome: code.code, status: status,
                    sent: outcome.requestSent ? 1 : 0, message: text)
                unsafe callbacks.done(callbacks.context, &result)
            }
        }
        forget()
    }
}

extension UpstreamOutcome.Reason {
    /// PBAY_HTTP_*, and a text for the operator's log.
    fileprivate var told: (Int, String) {
        switch self {
        case .ok: (PBAY_HTTP_OK, "")
        case .timeout(.connect): (PBAY_HTTP_TIMEOUT_CONNECT, "no connection within the time limit")
        case .timeout(.head): (PBAY_HTTP_TIMEOUT_HEAD, "no reply within the time limit")
        case .timeout(.idle): (PBAY_HTTP_TIMEOUT_IDLE, "the reply stalled past the time limit")
        case .timeout(.total): (PBAY_HTTP_TIMEOUT_TOTAL, "the exchange took longer than its time limit")
        case .reset: (PBAY_HTTP_RESET, "the connection was lost before the reply's end")
        case .refused: (PBAY_HTTP_REFUSED, "connection refused")
        case .unreachable(let why): (PBAY_HTTP_REFUSED, "no connection: \(why)")
        case .proxy(let why): (PBAY_HTTP_REFUSED, "the proxy failed: \(why)")
        case .dns(let why): (PBAY_HTTP_DNS, "the name can't be resolved: \(why)")
        case .tls(let why): (PBAY_HTTP_TLS, "TLS failed: \(why)")
        case .limit(let which): (PBAY_HTTP_LIMIT, "the reply went over a limit: \(which)")
        case .protocolError(let why): (PBAY_HTTP_PROTOCOL, "the reply was no HTTP/1.1: \(why)")
        case .cancelled: (PBAY_HTTP_CANCELLED, "cancelled")
        }
    }
}

extension HTTPHeaders {
    /// Lends the headers to a call into a plugin.
    fileprivate func withCHeaders(_ body: (UnsafeBufferPointer<pbay_header>) -> Void) {
        var bytes: [UInt8] = []
        var lengths: [(Int, Int)] = []
        for (name, value) in self {
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: value.utf8)
            lengths.append((name.utf8.count, value.utf8.count))
        }
        unsafe bytes.withUnsafeBytes { bytes in
            var offset = 0
            func next(_ count: Int) -> pbay_text {
                defer { offset += count }
                return unsafe pbay_text(lending: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)]))
            }
            let headers = unsafe lengths.map { unsafe pbay_header(name: next($0.0), value: next($0.1)) }
            unsafe headers.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}
