extension ServerConfiguration {
    static let schema = Schema(
        make: { ServerConfiguration() },
        fields: [
            Field("host", \.host, .host),
            Field("port", \.port, .integer(in: 0...65535)),
            .unavailable("tls", advice: "end TLS in a proxy before it"),
            Field("limits", \.limits, ServerLimits.schema.kind),
            Field("shutdown", \.shutdown, ShutdownConfiguration.schema.kind),
            Field("sse_done", \.sseDone, .bool),
            Field(
                "sse_comment_interval", \.sseCommentInterval,
                Kind<Duration>.duration(from: "0s", to: "1h").map { $0 == .zero ? nil : $0 }),
            Field("on_disconnect", \.onDisconnect, .choice([("cancel", .cancel), ("finish", .finish)])),
            Field("websocket", \.webSocket, WebSocketConfiguration.schema.kind),
        ])
}

extension WebSocketConfiguration {
    static let schema = Schema(
        make: { WebSocketConfiguration() },
        fields: [
            Field("enabled", \.enabled, .bool),
            Field("max_connections", \.maxConnections, .integer(in: 1...1_000_000)),
            Field("max_age", \.maxAge, .duration(from: "1s", to: "7d")),
            Field(
                "ping_interval", \.pingInterval,
                Kind<Duration>.duration(from: "0s", to: "1h").map { $0 == .zero ? nil : $0 }),
            Field("max_memory", \.maxMemory, .size(from: "1MiB", to: "1TiB")),
        ])
}

extension ServerLimits {
    static let schema = Schema(
        make: { ServerLimits() },
        fields: [
            Field("body", \.body, .size(from: "1KiB", to: "1GiB")),
            Field("header", \.header, .size(from: "1KiB", to: "1MiB")),
            Field("connections", \.connections, .integer(in: 1...1_000_000)),
            Field("input_depth", \.inputDepth, .integer(in: 8...1024)),
            Field("tool_rounds", \.toolRounds, .integer(in: 1...1000)),
            Field("stream", \.stream, StreamLimits.schema.kind),
        ])
}

extension StreamLimits {
    static let schema = Schema(
        make: { StreamLimits() },
        fields: [
            Field("soft", \.soft, .size(from: "4KiB", to: "1GiB")),
            Field("hard", \.hard, .size(from: "4KiB", to: "1GiB")),
        ],
        finish: { limits, node, path, sink in
            guard limits.soft > limits.hard else { return }
            sink.error(
                MarkTree(node).mark(at: "hard"),
                "\(path).hard must not be less than \(path).soft, found \(limits.hard) and \(limits.soft) bytes")
        })
}

extension ShutdownConfiguration {
    static let schema = Schema(
        make: { ShutdownConfiguration() },
        fields: [Field("drain", \.drain, .duration(from: "0s", to: "1h"))])
}

extension Kind where Value == String {
    /// An address or a name, without a port.
    static var host: Kind {
        name.checked { host, _ in
            if host.hasPrefix("[") { return "must be an address without brackets" }
            let colons = host.count { $0 == ":" }
            if colons == 1 { return "must be an address or a name without a port; the port is server.port" }
            return host.contains("/") ? "must be an address or a name, not a URL" : nil
        }
    }
}
