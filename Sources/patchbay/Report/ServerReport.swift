import PatchbayJSON

/// What a running server says at `GET /plugins`.
struct ServerReport {
    struct Hook {
        var name: String
        var visits: Int
        var rejections: Int
        var timeouts: Int
        var failures: Int
    }

    struct Tool {
        var name: String
        /// As `a: string, b: integer (optional)`.
        var parameters: String
        var approval: String
        /// Milliseconds for a call.
        var timeout: Int
        /// Bytes of an output.
        var maxOutput: Int
        var onError: String
        var calls: Int
        var refusals: Int
        var timeouts: Int
        var failures: Int
    }

    var hooks: [Hook] = []
    var tools: [Tool] = []

    /// Nil for what is no such report.
    init?(json: [UInt8]) {
        guard let root = try? JSONDocument.parse(json).root, let hooks = root["hooks"]?.array,
            let tools = root["tools"]?.array
        else { return nil }
        for hook in hooks {
            guard let hook = Hook(hook) else { return nil }
            self.hooks.append(hook)
        }
        for tool in tools {
            guard let tool = Tool(tool) else { return nil }
            self.tools.append(tool)
        }
    }
}

extension ServerReport.Hook {
    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let visits = json["visits"]?.int,
            let rejections = json["rejections"]?.int, let timeouts = json["timeouts"]?.int,
            let failures = json["failures"]?.int
        else { return nil }
        self.init(name: name, visits: visits, rejections: rejections, timeouts: timeouts, failures: failures)
    }
}

extension ServerReport.Tool {
    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let parameters = json["parameters"],
            let approval = json["approval"]?.string, let timeout = json["timeout_ms"]?.int,
            let maxOutput = json["max_output"]?.int, let onError = json["on_error"]?.string,
            let calls = json["calls"]?.int, let refusals = json["refusals"]?.int, let timeouts = json["timeouts"]?.int,
            let failures = json["failures"]?.int
        else { return nil }
        self.init(
            name: name, parameters: Self.inShort(parameters), approval: approval, timeout: timeout,
            maxOutput: maxOutput, onError: onError, calls: calls, refusals: refusals, timeouts: timeouts,
            failures: failures)
    }

    /// The properties of an object schema, each with its type.
    private static func inShort(_ schema: JSONValue) -> String {
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        let parts = (schema["properties"]?.object.map { Array($0) } ?? []).map { member in
            let type = member.value["type"]
            let types = type?.string ?? type?.array?.compactMap(\.string).joined(separator: " or ") ?? "any"
            return "\(member.key): \(types)" + (required.contains(member.key) ? "" : " (optional)")
        }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
