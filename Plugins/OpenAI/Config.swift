/// One instance's configuration: what stands under `plugins[].config`.
struct Config: Sendable {
    /// Which of the two APIs the upstream speaks.
    enum API: Sendable { case responses, chatCompletions }

    /// Time limits in milliseconds; 0 leaves it to the host.
    struct Timeouts: Sendable, Equatable {
        var connect: UInt32 = 0
        var head: UInt32 = 0
        var idle: UInt32 = 0
        var total: UInt32 = 0
    }

    var api = API.chatCompletions
    /// Without a slash at its end.
    var baseURL = "https://api.openai.com/v1"
    /// Empty: no Authorization header. Never part of a message.
    var apiKey = ""
    /// Beside those that the plugin makes itself.
    var headers: [(name: String, value: String)] = []
    var timeouts = Timeouts()
    /// Bytes; a `response.completed` repeats the whole answer, hence the size.
    var maxEventBytes: UInt64 = 16 << 20
    /// The name of the chat API's bound: older servers know only `max_tokens`.
    var maxTokensField = MaxTokensField.maxCompletionTokens

    enum MaxTokensField: Sendable { case maxCompletionTokens, maxTokens }

    /// Where requests are sent.
    var url: String { baseURL + (api == .responses ? "/responses" : "/chat/completions") }
    /// Where counts are asked for, by an `api` that has them.
    var countURL: String { baseURL + "/responses/input_tokens" }
    /// OpenAI's own servers take hints that other servers refuse as unknown fields.
    var isOpenAI: Bool { baseURL.hasPrefix("https://api.openai.com/") }
}

extension Config {
    static let keys = [
        "base_url", "api", "api_key", "headers", "organization", "project", "timeouts", "max_event_bytes",
        "max_tokens_field",
    ]

    /// Reads the JSON object that the host made of the YAML.
    init(_ value: JSONValue) throws(Failure) {
        guard let members = value.object else { throw .invalid("", "config must be a mapping") }
        for member in members {
            let (key, value) = (member.key, member.value)
            switch key {
            case "base_url": baseURL = try Self.url(value)
            case "api":
                switch try Self.text(value, key) {
                case "responses": api = .responses
                case "chat_completions": api = .chatCompletions
                default: throw .invalid(key, "api must be responses or chat_completions")
                }
            case "api_key": if !value.isNull { apiKey = try Self.headerValue(value, key) }
            case "organization":
                headers.append(("openai-organization", try Self.headerValue(value, key)))
            case "project":
                headers.append(("openai-project", try Self.headerValue(value, key)))
            case "headers": headers += try Self.headers(value)
            case "timeouts": timeouts = try Timeouts(value)
            case "max_event_bytes":
                guard let count = value.int, (1024...(256 << 20)).contains(count) else {
                    throw .invalid(key, "max_event_bytes must be a number of bytes from 1024 to 268435456")
                }
                maxEventBytes = UInt64(count)
            case "max_tokens_field":
                switch try Self.text(value, key) {
                case "max_completion_tokens": maxTokensField = .maxCompletionTokens
                case "max_tokens": maxTokensField = .maxTokens
                default: throw .invalid(key, "max_tokens_field must be max_completion_tokens or max_tokens")
                }
            default:
                throw .invalid(key, "unknown key; allowed are \(Self.keys.joined(separator: ", "))")
            }
        }
        if !apiKey.isEmpty, headers.contains(where: { $0.name == "authorization" }) {
            throw .invalid("headers.authorization", "there is an api_key already: give one of the two")
        }
    }

    private static func text(_ value: JSONValue, _ key: String) throws(Failure) -> String {
        guard let text = value.string else { throw .invalid(key, "\(key) must be a string, not \(value.kind)") }
        return text
    }

    /// A string that may stand in a header: visible ASCII, spaces and UTF-8, no line ends.
    private static func headerValue(_ value: JSONValue, _ path: String) throws(Failure) -> String {
        let text = try text(value, path)
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalid(path, "\(path) must not hold line ends or other control characters")
        }
        return text
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
            default: headers.append((name, try headerValue(member.value, path)))
            }
        }
        return headers
    }

    private static func url(_ value: JSONValue) throws(Failure) -> String {
        var text = try text(value, "base_url")
        while text.hasSuffix("/") { text.removeLast() }
        let rest = text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
        let authority = rest.prefix { $0 != "/" }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !text.contains("?") && !text.contains("#")
        guard !authority.isEmpty, !authority.contains("@"), isPlain else {
            throw .invalid(
                "base_url",
                "base_url must be an http or https address without user, query or fragment, such as \(Config().baseURL)"
            )
        }
        return text
    }
}

extension Config.Timeouts {
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
