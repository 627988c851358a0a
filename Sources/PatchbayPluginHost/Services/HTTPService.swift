import CPatchbay
internal import NIOCore
internal import PatchbayUpstream

/// The table of PBAY_HOST_HTTP.
var httpAPI: pbay_http_api {
    unsafe pbay_http_api(
        size: UInt32(MemoryLayout<pbay_http_api>.size), reserved: 0, start: startExchange, cancel: cancelExchange)
}

private func startExchange(
    _ id: pbay_stream_id, _ request: UnsafePointer<pbay_http_request>?,
    _ callbacks: UnsafePointer<pbay_http_callbacks>?,
    _ context: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<pbay_http_id>?,
    _ error: UnsafeMutablePointer<pbay_error>?
) -> Int32 {
    guard let stream = HostRegistry.shared.streams[id] else { return PBAY_CLOSED.code }
    func refuse(_ code: Int, _ message: String) -> Int32 {
        unsafe pbay_error.fill(error, code: code.code, message: message)
    }
    guard stream.loop.inEventLoop else { return refuse(PBAY_EINVALID, "http.start was called off its stream's strand") }
    guard let request = unsafe request, let callbacks = unsafe callbacks, let out = unsafe out else {
        return refuse(PBAY_EINVALID, "a null pointer")
    }
    guard let functions = unsafe HTTPCallbacks(pbay_http_callbacks(plugin: callbacks), context: context) else {
        return refuse(PBAY_EINVALID, "data or done of pbay_http_callbacks is null")
    }
    guard let copy = unsafe UpstreamRequest(pbay_http_request(plugin: request)) else {
        return refuse(PBAY_EINVALID, "a method, URL or header isn't UTF-8, or there are too many headers")
    }
    guard stream.admitExchange() else {
        return stream.isOpen ? refuse(PBAY_EOVERLOADED, "too many exchanges of one stream") : PBAY_CLOSED.code
    }
    let exchange = HostRegistry.shared.exchanges.insert(shard: stream.shard) { id in
        HTTPExchange(id: id, stream: stream, callbacks: functions)
    }
    guard let exchange else {
        stream.exchangeEnded(nil)
        return refuse(PBAY_EOVERLOADED, "too many exchanges")
    }
    do {
        try exchange.start(copy)
    } catch {
        exchange.forget()
        switch error.code {
        case .invalidURL, .invalidRequest: return refuse(PBAY_EINVALID, error.message)
        case .queueFull, .shutDown: return refuse(PBAY_EOVERLOADED, error.message)
        }
    }
    unsafe out.pointee = exchange.id
    return PBAY_OK.code
}

private func cancelExchange(_ id: pbay_http_id) -> Int32 {
    guard let exchange = HostRegistry.shared.exchanges[id], exchange.stream.loop.inEventLoop else {
        return PBAY_CLOSED.code
    }
    return exchange.cancel() ? PBAY_OK.code : PBAY_CLOSED.code
}

extension UpstreamRequest {
    private static let maxHeaders: UInt64 = 256
    private static let maxTextBytes = 64 << 10

    /// A copy of a plugin's request; nil where its texts aren't texts. The client checks what they say.
    fileprivate init?(_ request: pbay_http_request) {
        guard let method = unsafe request.method.string(limit: 64),
            let url = unsafe request.url.string(limit: Self.maxTextBytes), let body = unsafe request.body.buffer,
            unsafe request.header_count <= Self.maxHeaders, unsafe request.header_count == 0 || request.headers != nil
        else { return nil }
        var headers: [(String, String)] = []
        for index in unsafe 0..<Int(request.header_count) {
            let header = unsafe request.headers[index]
            guard let name = unsafe header.name.string(limit: Self.maxTextBytes),
                let value = unsafe header.value.string(limit: Self.maxTextBytes)
            else { return nil }
            headers.append((name, value))
        }
        let framing: UpstreamFraming
        switch unsafe Int(request.framing) {
        case PBAY_HTTP_BYTES: framing = .bytes
        case PBAY_HTTP_SSE: framing = .sse
        case PBAY_HTTP_NDJSON: framing = .ndjson
        default: return nil
        }
        func time(_ milliseconds: UInt32, _ fallback: TimeAmount?) -> TimeAmount? {
            milliseconds == 0 ? fallback : .milliseconds(Int64(milliseconds))
        }
        func bytes(_ asked: UInt64, _ fallback: Int) -> Int { asked == 0 ? fallback : Int(min(asked, 1 << 30)) }
        let timeouts = UpstreamTimeouts()
        let limits = UpstreamLimits()
        unsafe self.init(
            method: method, url: url, headers: headers, body: ByteBuffer(bytes: body), framing: framing,
            timeouts: UpstreamTimeouts(
                connect: time(request.connect_timeout_ms, timeouts.connect),
                head: time(request.head_timeout_ms, timeouts.head), idle: time(request.idle_timeout_ms, timeouts.idle),
                total: time(request.total_timeout_ms, timeouts.total)),
            limits: UpstreamLimits(
                maxHeaderBytes: limits.maxHeaderBytes, maxBodyBytes: bytes(request.max_body_bytes, limits.maxBodyBytes),
                maxEventBytes: bytes(request.max_event_bytes, limits.maxEventBytes)))
    }
}
