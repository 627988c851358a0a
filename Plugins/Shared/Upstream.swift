/// How an instance reaches its upstream: what is configured alike for every provider over HTTP.
struct Upstream: Sendable {
    /// Time limits in milliseconds; 0 leaves it to the host.
    struct Timeouts: Sendable, Equatable {
        var connect: UInt32 = 0
        var head: UInt32 = 0
        var idle: UInt32 = 0
        var total: UInt32 = 0
    }

    /// Without a slash at its end.
    var baseURL: String
    /// The address of the maker's own server; empty where there is none.
    private var home: String
    /// The deployment's secret; empty for none. No message holds it.
    var apiKey = ""
    /// What of it is sent: the header's name, and its value with the key. Nil: nothing.
    var credential: (name: String, value: String)?
    /// Beside those that the plugin makes itself. Names are in small letters.
    var headers: [(name: String, value: String)] = []
    var timeouts = Timeouts()
    /// Bytes of one event of a stream; a last one may repeat the whole answer, hence the size.
    var maxEventBytes: UInt64 = 16 << 20

    init(baseURL: String) { (self.baseURL, home) = (baseURL, baseURL) }

    /// Whether it is the maker's own server, whose models are known.
    var isMakers: Bool { baseURL == home }
}

extension Upstream {
    private static let keys = ["base_url", "api_key", "headers", "timeouts", "max_event_bytes"]

    /// Reads `plugins[].config`. Whatever is none of the keys above goes to `own`, which answers whether it knows the
    /// key; `names` are those that it knows.
    mutating func read(
        _ config: JSONValue, own names: [String], _ own: (String, JSONValue) throws(Failure) -> Bool
    ) throws(Failure) {
        guard let members = config.object else { throw .invalid("", "config must be a mapping") }
        for member in members {
            let (key, value) = (member.key, member.value)
            if try take(key, value) { continue }
            guard try own(key, value) else {
                throw .invalid(key, "unknown key; allowed are \((Self.keys + names).joined(separator: ", "))")
            }
        }
    }

    /// Fills in an address where none is configured; without one to fill in, `complaint` is thrown.
    mutating func settle(_ standard: String?, _ complaint: String) throws(Failure) {
        home = standard ?? ""
        if !baseURL.isEmpty { return }
        guard let standard else { throw .invalid("base_url", complaint) }
        baseURL = standard
    }

    /// Takes one key of the configuration; false where it is none of these.
    private mutating func take(_ key: String, _ value: JSONValue) throws(Failure) -> Bool {
        switch key {
        case "base_url": baseURL = try Self.url(value)
        case "api_key": if !value.isNull { apiKey = try value.configHeader(key) }
        case "headers": headers += try Self.headers(value)
        case "timeouts": timeouts = try Timeouts(value)
        case "max_event_bytes":
            guard let count = value.int, (1024...(256 << 20)).contains(count) else {
                throw .invalid(key, "max_event_bytes must be a number of bytes from 1024 to 268435456")
            }
            maxEventBytes = UInt64(count)
        default: return false
        }
        return true
    }

    /// Sends the key, if there is one, in this header, unless the configuration has that header already.
    mutating func authorize(_ header: String, prefix: String = "") throws(Failure) {
        guard !apiKey.isEmpty else { return }
        if headers.contains(where: { $0.name == header }) {
            throw .invalid("headers.\(header)", "there is an api_key already: give one of the two")
        }
        credential = (header, prefix + apiKey)
    }

    private static func headers(_ value: JSONValue) throws(Failure) -> [(name: String, value: String)] {
        guard let members = value.object else {
            throw .invalid("headers", "headers must be a mapping of names to strings, not \(value.kind)")
        }
        var headers: [(name: String, value: String)] = []
        for member in members {
            let (path, name) = ("headers.\(member.key)", member.key.lowercased())
            let isToken =
                !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            guard isToken else { throw .invalid(path, "not the name of an HTTP header") }
            switch name {
            case "host", "content-length", "content-type", "accept", "connection", "transfer-encoding", "te", "upgrade":
                throw .invalid(path, "this header is made by the server and can't be set")
            default: headers.append((name, try member.value.configHeader(path)))
            }
        }
        return headers
    }

    private static func url(_ value: JSONValue) throws(Failure) -> String {
        var text = try value.configText("base_url")
        while text.hasSuffix("/") { text.removeLast() }
        let rest = text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
        let authority = rest.prefix { $0 != "/" }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !text.contains("?") && !text.contains("#")
        guard !authority.isEmpty, !authority.contains("@"), isPlain else {
            throw .invalid(
                "base_url",
                "base_url must be an http or https address without user, query or fragment, such as https://api.example.com/v1"
            )
        }
        return text
    }
}

extension Upstream.Timeouts {
    init(_ value: JSONValue) throws(Failure) {
        guard let members = value.object else {
            throw .invalid("timeouts", "timeouts must be a mapping, not \(value.kind)")
        }
        for member in members {
            let path = "timeouts.\(member.key)"
            guard let time = Self.milliseconds(member.value) else {
                throw .invalid(
                    path, "a time is a number of milliseconds or a text like 500ms, 30s, 5m or 1h, and at most 24h")
            }
            switch member.key {
            case "connect": connect = time
            case "head": head = time
            case "idle": idle = time
            case "total": total = time
            default: throw .invalid(path, "unknown key; allowed are connect, head, idle, total")
            }
        }
    }

    private static func milliseconds(_ value: JSONValue) -> UInt32? {
        let (number, unit): (Int?, Int)
        if let text = value.string {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            switch text.dropFirst(digits.count) {
            case "ms": unit = 1
            case "s": unit = 1000
            case "m": unit = 60_000
            case "h": unit = 3_600_000
            default: return nil
            }
            number = Int(digits)
        } else {
            (number, unit) = (value.int, 1)
        }
        guard let number, number > 0, number <= 86_400_000 / unit else { return nil }
        return UInt32(number * unit)
    }
}
