import NIOCore

/// One server-sent event, or one line of NDJSON (then only `data` is set).
package struct SSEEvent: Sendable, Equatable {
    /// The `event` field; nil means `message`.
    package var name: ByteBuffer?
    /// The `data` lines, joined by LF. Not checked to be UTF-8.
    package var data: ByteBuffer
    /// The `id` field, when this event has one; it may be empty.
    package var id: ByteBuffer?
    /// The `retry` field in milliseconds, when one came since the last event.
    package var retry: Int?

    package init(name: ByteBuffer? = nil, data: ByteBuffer, id: ByteBuffer? = nil, retry: Int? = nil) {
        self.name = name
        self.data = data
        self.id = id
        self.retry = retry
    }
}
