/// What the YAML says of the cache.
struct Configuration: Sendable {
    /// How long an answer is kept, nanoseconds.
    var ttl: UInt64 = 3_600_000_000_000
    var maxEntries = 10_000
    /// Bytes of all kept answers.
    var maxBytes = 256 << 20
    /// Bytes of one.
    var maxEntryBytes = 1 << 20
    /// A request whose body, or whose prompt with its history, has more bytes isn't looked up.
    var maxPromptBytes = 1 << 20
    /// Whether one owner may be given what another's request made.
    var isShared = false
    /// Whether the usage of a repeated answer is what it once cost; else it is nothing.
    var usage = true
    /// Whether answers that call a tool are kept.
    var toolCalls = false
    /// Requests with a higher temperature aren't looked up; nil: whatever it is.
    var maxTemperature: Double?
    /// How long a request waits for an equal one that is under way, nanoseconds; 0: not at all.
    var wait: UInt64 = 500_000_000
}

extension Configuration {
    private static let keys = [
        "ttl", "max_entries", "max_bytes", "max_entry_bytes", "max_prompt_bytes", "share", "usage", "tool_calls",
        "max_temperature", "wait",
    ]

    /// Reads the JSON object that the host made of the YAML.
    init(_ value: JSONValue) throws(Failure) {
        guard let members = value.object else { throw Failure("", "config must be a mapping, not \(value.kind)") }
        for member in members {
            let (key, value) = (member.key, member.value)
            switch key {
            case "ttl": ttl = try Self.time(value, key, atLeast: 1)
            case "max_entries": maxEntries = try Self.count(value, key, 1...(1 << 24))
            case "max_bytes": maxBytes = try Self.count(value, key, 1...(1 << 40))
            case "max_entry_bytes": maxEntryBytes = try Self.count(value, key, 1...(8 << 20))
            case "max_prompt_bytes": maxPromptBytes = try Self.count(value, key, 1...(64 << 20))
            case "share": isShared = try Self.flag(value, key)
            case "usage":
                guard value.stringEquals("recorded") || value.stringEquals("none") else {
                    throw Failure(key, "usage must be recorded or none")
                }
                usage = value.stringEquals("recorded")
            case "tool_calls": toolCalls = try Self.flag(value, key)
            case "max_temperature":
                guard let number = value.double, (0...2).contains(number) else {
                    throw Failure(key, "max_temperature must be a number from 0 to 2")
                }
                maxTemperature = number
            case "wait": wait = try Self.time(value, key, atLeast: 0)
            default: throw Failure(key, "unknown key; allowed are \(Self.keys.joined(separator: ", "))")
            }
        }
        guard maxEntryBytes <= maxBytes else {
            throw Failure("max_entry_bytes", "max_entry_bytes is more than max_bytes: no such answer could be kept")
        }
    }

    private static func count(_ value: JSONValue, _ key: String, _ allowed: ClosedRange<Int>) throws(Failure) -> Int {
        guard let count = value.int, allowed.contains(count) else {
            throw Failure(key, "\(key) must be a number from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return count
    }

    private static func flag(_ value: JSONValue, _ key: String) throws(Failure) -> Bool {
        guard let flag = value.bool else { throw Failure(key, "\(key) must be true or false") }
        return flag
    }

    /// Nanoseconds.
    private static func time(_ value: JSONValue, _ key: String, atLeast least: Int) throws(Failure) -> UInt64 {
        let (number, unit): (Int?, Int)
        if let text = value.string {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            switch text.dropFirst(digits.count) {
            case "ms": unit = 1
            case "s": unit = 1000
            case "m": unit = 60_000
            case "h": unit = 3_600_000
            case "d": unit = 86_400_000
            default: unit = 0
            }
            number = unit > 0 ? Int(digits) : nil
        } else {
            (number, unit) = (value.int, 1)
        }
        guard let number, number >= least, number <= 366 * 86_400_000 / unit else {
            throw Failure(
                key,
                "\(key) is a number of milliseconds or a text like 500ms, 30s, 5m, 1h or 2d, from \(least)ms to 366d")
        }
        return UInt64(number * unit) * 1_000_000
    }
}
