import PatchbayModel

/// A whole answer: what isn't a stream.
struct Answer {
    var status: HTTPStatus
    /// JSON.
    var body: [UInt8]
    /// The methods of a 405.
    var allow: StaticString?
    /// Seconds.
    var retryAfter: Int?
    /// Further lines of the head, each with its end.
    var headers: StaticString = ""
    /// The connection ends with this answer, whatever the client wished.
    var closes = false

    init(_ status: HTTPStatus, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
