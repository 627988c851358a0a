import Logging
import PatchbayJSON
import PatchbayModel

/// One JSON object a line: `time`, `level`, `logger`, `message`, and the metadata.
struct JSONLogHandler: LogHandler {
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
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("time", Timestamp.now.iso8601)
            json.member("level", event.level.rawValue)
            json.member("logger", label)
            json.member("message", "\(event.message)")
            for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
                $0.key < $1.key
            }) {
                json.key(key)
                if let number = Int("\(value)") { json.int(number) } else { json.string("\(value)") }
            }
        }
        Machine.printError(String(decoding: json.bytes, as: UTF8.self))
    }
}
