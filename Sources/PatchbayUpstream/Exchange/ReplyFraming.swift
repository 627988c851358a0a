import NIOHTTP1

enum ReplyFraming {
    /// How a reply's body is to be cut: as was asked for, if it is a success and says that it is of that kind.
    static func of(_ head: HTTPResponseHead, asked: UpstreamFraming) -> UpstreamFraming {
        guard asked != .bytes, (200..<300).contains(head.status.code),
            let type = head.headers.first(name: "content-type")
        else { return .bytes }
        let essence = type.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
        switch asked {
        case .sse where essence == "text/event-stream":
            return .sse
        case .ndjson where ndjsonTypes.contains(essence):
            return .ndjson
        case .bytes, .sse, .ndjson:
            return .bytes
        }
    }

    private static let ndjsonTypes = [
        "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    ]
}
