import NIOHTTP1

/// The head of the final reply.
package struct UpstreamHead: Sendable {
    /// 200 to 999.
    package let status: Int
    package let headers: HTTPHeaders
    /// How the body will be delivered: the framing that was asked for when status and content type fit, else `.bytes`
    /// (an error in JSON to a request for a stream, say).
    package let framing: UpstreamFraming
}
