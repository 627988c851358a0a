import Logging
import Synchronization

/// A log that keeps its lines.
struct LogBook: LogHandler {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata
    }

    private final class Lines: Sendable {
        let kept = Mutex<[Line]>([])
    }

    private let book = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    var lines: [Line] { book.kept.withLock { $0 } }

    func log(event: LogEvent) {
        let line = Line(
            level: event.level, message: "\(event.message)",
            metadata: metadata.merging(event.metadata ?? [:]) { $1 })
        book.kept.withLock { $0.append(line) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
