import CPatchbay

/// The host's tables that this plugin uses. They live as long as the process and their functions may be called from the
/// threads that the header names, hence Sendable. What is unsafe is in
/// this file, in `HeaderBlock` and in those named `+ABI` (what the plugin calls), and in Entry, Instance, Tables and
/// Head (what the host calls).
@safe struct Host: @unchecked Sendable {
    private let streams: UnsafePointer<pbay_stream_api>
    private let http: UnsafePointer<pbay_http_api>
    private let timers: UnsafePointer<pbay_timer_api>?
    private let logs: UnsafePointer<pbay_log_api>?
    /// Of the ABI that the host speaks.
    let minor: UInt32

    /// Nil where the host has no streams or no HTTP to lend.
    init?(_ host: UnsafePointer<pbay_host>) {
        guard let streams = unsafe Self.table(host, PBAY_HOST_STREAM, of: pbay_stream_api.self),
            let http = unsafe Self.table(host, PBAY_HOST_HTTP, of: pbay_http_api.self)
        else { return nil }
        unsafe (self.streams, self.http) = (streams, http)
        unsafe minor = host.pointee.abi_minor
        unsafe timers = Self.table(host, PBAY_HOST_TIMER, of: pbay_timer_api.self)
        unsafe logs = Self.table(host, PBAY_HOST_LOG, of: pbay_log_api.self)
    }

    private static func table<T>(_ host: UnsafePointer<pbay_host>, _ id: String, of: T.Type) -> UnsafePointer<T>? {
        guard let get = unsafe host.pointee.get_extension else { return nil }
        guard let table = unsafe id.withCString({ unsafe get($0) }) else { return nil }
        // Each table begins with its size; one from before a field that is used here is no table of this id.
        guard unsafe table.load(as: UInt32.self) >= UInt32(MemoryLayout<T>.size) else { return nil }
        return unsafe table.assumingMemoryBound(to: T.self)
    }

    func log(_ instance: UInt64, _ level: Int, _ message: String) {
        guard let logs = unsafe logs else { return }
        unsafe message.withText { unsafe logs.pointee.write(instance, Int32(level), $0) }
    }

    // MARK: A stream

    /// Pushes one event; answers what the host answered.
    func push(
        _ stream: UInt64, _ kind: Int, index: UInt32 = 0, text: ArraySlice<UInt8> = [], id: String = "",
        name: String = ""
    ) -> Int32 {
        var event = unsafe pbay_event()
        unsafe event.size = UInt32(MemoryLayout<pbay_event>.size)
        unsafe event.kind = UInt32(kind)
        unsafe event.index = index
        return unsafe text.withUnsafeBufferPointer { text in
            unsafe event.text = pbay_text(text)
            if id.isEmpty && name.isEmpty { return unsafe streams.pointee.push(stream, &event) }
            return unsafe id.withText { id in
                unsafe name.withText { name in
                    unsafe (event.id, event.name) = (id, name)
                    return unsafe streams.pointee.push(stream, &event)
                }
            }
        }
    }

    func upstream(_ stream: UInt64, responseID: String, model: String, requestID: String) {
        unsafe responseID.withText { responseID in
            unsafe model.withText { model in
                unsafe requestID.withText { requestID in
                    var info = unsafe Self.info
                    unsafe (info.response_id, info.model, info.request_id) = (responseID, model, requestID)
                    _ = unsafe streams.pointee.upstream(stream, &info)
                }
            }
        }
    }

    /// Which of the request's stops ended the answer.
    func stopped(_ stream: UInt64, by stop: String) {
        unsafe stop.withText { stop in
            var info = unsafe Self.info
            unsafe info.stop_sequence = stop
            _ = unsafe streams.pointee.upstream(stream, &info)
        }
    }

    private static var info: pbay_upstream_info {
        var info = unsafe pbay_upstream_info()
        unsafe info.size = UInt32(MemoryLayout<pbay_upstream_info>.size)
        return unsafe info
    }

    /// The good end.
    func finish(_ stream: UInt64, _ reason: Int32, _ usage: Usage?) {
        guard let usage else {
            _ = unsafe streams.pointee.finish(stream, reason, nil)
            return
        }
        var counts = pbay_usage(
            size: UInt32(MemoryLayout<pbay_usage>.size), reserved: 0, input_tokens: Int64(usage.input),
            cached_tokens: Int64(usage.cached), cache_write_tokens: Int64(usage.cacheWrite),
            output_tokens: Int64(usage.output), reasoning_tokens: Int64(usage.reasoning))
        _ = unsafe streams.pointee.finish(stream, reason, &counts)
    }

    /// The bad end.
    func fail(_ stream: UInt64, _ failure: Failure) {
        var error = pbay_error()
        error.size = UInt32(MemoryLayout<pbay_error>.size)
        unsafe failure.fill(&error)
        _ = unsafe streams.pointee.fail(stream, &error)
    }

    /// Calls `fire(context)` in `milliseconds`, unless the stream ends before. Whether it will.
    func after(
        _ milliseconds: UInt64, _ stream: UInt64, _ fire: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void,
        _ context: UnsafeMutableRawPointer
    ) -> Bool {
        var id: pbay_timer_id = 0
        guard let timers = unsafe timers else { return false }
        return unsafe timers.pointee.start(stream, milliseconds, fire, context, &id) == PBAY_OK
    }

    // MARK: HTTP

    /// Posts `body` to `url`. The callbacks get `context`, which must live until `done`.
    func post(
        _ stream: UInt64, _ upstream: Upstream, to url: String, headers: HeaderBlock, body: [UInt8], isStream: Bool,
        totalTimeout: UInt32, callbacks: pbay_http_callbacks, context: UnsafeMutableRawPointer
    ) throws(Failure) {
        var callbacks = callbacks
        var error = pbay_error()
        error.size = UInt32(MemoryLayout<pbay_error>.size)
        let code = unsafe url.withText { url in
            unsafe "POST".withText { method in
                unsafe body.withUnsafeBufferPointer { body in
                    var request = unsafe pbay_http_request()
                    unsafe request.size = UInt32(MemoryLayout<pbay_http_request>.size)
                    unsafe request.framing = UInt32(isStream ? PBAY_HTTP_SSE : PBAY_HTTP_BYTES)
                    unsafe (request.method, request.url) = (method, url)
                    unsafe request.headers = headers.pointer
                    unsafe request.header_count = headers.count
                    unsafe request.body = pbay_text(body)
                    unsafe request.connect_timeout_ms = upstream.timeouts.connect
                    unsafe request.head_timeout_ms = upstream.timeouts.head
                    unsafe request.idle_timeout_ms = upstream.timeouts.idle
                    unsafe request.total_timeout_ms = totalTimeout
                    unsafe request.max_event_bytes = upstream.maxEventBytes
                    var id: pbay_http_id = 0
                    return unsafe http.pointee.start(stream, &request, &callbacks, context, &id, &error)
                }
            }
        }
        guard code < 0 else { return }
        let message = unsafe withUnsafePointer(to: &error.message) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: Int(PBAY_MESSAGE_CAPACITY)) {
                unsafe String(cString: $0)
            }
        }
        throw Failure(
            code: code, message: "The request to the upstream could not be started.", detail: message, isRetryable: true
        )
    }
}
