import CPatchbay
internal import NIOCore

/// A plugin's timer. On the strand of its stream alone, but for its handle.
@safe final class StreamTimer: @unchecked Sendable {
    typealias Fire = @convention(c) (UnsafeMutableRawPointer?) -> Void

    static let maxPerStream = 64
    /// A year.
    static let maxMilliseconds: UInt64 = 31_536_000_000

    let id: UInt64
    let stream: StreamCall
    private let fire: Fire
    private let context: UnsafeMutableRawPointer?
    private var scheduled: Scheduled<Void>?

    init(id: UInt64, stream: StreamCall, fire: @escaping Fire, context: UnsafeMutableRawPointer?) {
        self.id = id
        self.stream = stream
        unsafe self.fire = fire
        unsafe self.context = context
    }

    func start(after delay: TimeAmount) {
        stream.timers.append(self)
        scheduled = stream.loop.assumeIsolated().scheduleTask(in: delay) {
            self.stream.timers.removeAll { $0 === self }
            self.end()
            if self.stream.isOpen { unsafe self.fire(self.context) }
        }
    }

    /// It won't fire.
    func end() {
        scheduled?.cancel()
        scheduled = nil
        HostRegistry.shared.timers.remove(id)
    }
}
