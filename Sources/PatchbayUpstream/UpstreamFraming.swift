/// How the body of a successful reply is cut into pieces.
package enum UpstreamFraming: Sendable, Equatable {
    /// Bytes, as they come.
    case bytes
    /// Server-sent events, when the reply's content type is `text/event-stream`.
    case sse
    /// One JSON document a line, when the reply's content type is one of those in use for it (`application/x-ndjson`,
    /// `application/ndjson`, `application/jsonl`, `application/x-jsonlines`).
    case ndjson
}
