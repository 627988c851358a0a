import CPatchbay
internal import NIOCore

/// The table of PBAY_HOST_TIMER.
var timerAPI: pbay_timer_api {
    unsafe pbay_timer_api(
        size: UInt32(MemoryLayout<pbay_timer_api>.size), reserved: 0, start: startTimer, cancel: cancelTimer)
}

private func startTimer(
    _ id: pbay_stream_id, _ delay: UInt64, _ fire: StreamTimer.Fire?, _ context: UnsafeMutableRawPointer?,
    _ out: UnsafeMutablePointer<pbay_timer_id>?
) -> Int32 {
    guard let stream = HostRegistry.shared.streams[id], stream.isOpen else { return PBAY_CLOSED.code }
    guard stream.loop.inEventLoop, let fire = unsafe fire, let out = unsafe out else { return PBAY_EINVALID.code }
    guard stream.timers.count < StreamTimer.maxPerStream else { return PBAY_EOVERLOADED.code }
    let timer = HostRegistry.shared.timers.insert(shard: stream.shard) { id in
        unsafe StreamTimer(id: id, stream: stream, fire: fire, context: context)
    }
    guard let timer else { return PBAY_EOVERLOADED.code }
    timer.start(after: .milliseconds(Int64(min(delay, StreamTimer.maxMilliseconds))))
    unsafe out.pointee = timer.id
    return PBAY_OK.code
}

private func cancelTimer(_ id: pbay_timer_id) -> Int32 {
    guard let timer = HostRegistry.shared.timers[id], timer.stream.loop.inEventLoop else { return PBAY_CLOSED.code }
    timer.stream.timers.removeAll { $0 === timer }
    timer.end()
    return PBAY_OK.code
}
