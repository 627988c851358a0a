import NIOCore

/// A time by which something must have happened. Moving it later costs next to nothing: the timer that is set already
/// finds, when it goes off, that it came too early, and is set again.
struct Deadline {
    private(set) var time = NIODeadline.distantFuture
    private var timer: NIOScheduledCallback?
    private var timerTime = NIODeadline.distantFuture

    mutating func set(_ time: NIODeadline, on loop: NIOIsolatedEventLoop, handler: some NIOScheduledCallbackHandler) {
        self.time = time
        guard time < timerTime else { return }
        timer?.cancel()
        timer = try? loop.scheduleCallback(at: time, handler: handler)
        timerTime = timer == nil ? .distantFuture : time
    }

    /// The timer has gone off. Whether the time has come; if not, the timer is set again.
    mutating func timerFired(on loop: NIOIsolatedEventLoop, handler: some NIOScheduledCallbackHandler) -> Bool {
        timer = nil
        timerTime = .distantFuture
        guard time != .distantFuture else { return false }
        guard NIODeadline.now() < time else {
            time = .distantFuture
            return true
        }
        set(time, on: loop, handler: handler)
        return false
    }

    /// There is no deadline just now.
    mutating func clear() {
        time = .distantFuture
    }

    /// No deadline any more, and no timer.
    mutating func cancel() {
        time = .distantFuture
        timer?.cancel()
        timer = nil
        timerTime = .distantFuture
    }
}
