import Logging
import PatchbayModel

/// `12:30:05.123 INFO  listening  host=127.0.0.1 port=8080`
struct TextLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Timestamp.now.timeOfDay) \(Self.name(event.level)) \(event.message)"
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            let text = "\(value)"
            if !text.isEmpty { line += "  \(key)=\(Self.quoted(text))" }
        }
        Machine.printError(line)
    }

    private static func name(_ level: Logger.Level) -> String {
        let name = level == .warning ? "WARN" : level.rawValue.uppercased()
        return name + String(repeating: " ", count: max(0, 5 - name.count))
    }

    /// A value on one line: quoted if it holds a space, control characters as `\u{…}`.
    private static func quoted(_ text: String) -> String {
        let visible = text.unicodeScalars.reduce(into: "") { visible, scalar in
            visible += scalar.value < 32 || scalar.value == 127 ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return visible.contains(" ") ? "\"\(visible)\"" : visible
    }
}
