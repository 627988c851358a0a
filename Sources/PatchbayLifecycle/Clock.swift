import Glibc

/// The time of day. Injected, so that tests decide what time it is.
package protocol Clock: Sendable {
    /// Unix milliseconds.
    var milliseconds: Int64 { get }
}

extension Clock {
    /// Unix seconds.
    var seconds: Int { Int(milliseconds / 1000) }
}

/// The machine's clock.
package struct SystemClock: Clock {
    package init() {}

    package var milliseconds: Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
