import PatchbayJSON
import PatchbayModel

/// A wire format: bytes -> one request of the hub, events of the hub -> bytes. Nothing else; it holds no state of a
/// request.
package protocol WireFormat: Sendable {
    associatedtype Encoder: EventEncoder

    /// Reads a request's body. Throws kinds `.invalidRequest` (with the path in `param`) and `.tooLarge`.
    func request(from body: [UInt8]) throws(GatewayError) -> Request

    /// A whole answer, not streamed: one JSON object.
    func body(of response: Response) -> [UInt8]

    /// An error in the format's own shape: one JSON object.
    func body(of error: GatewayError) -> [UInt8]

    /// For one stream.
    func makeEncoder() -> Encoder
}

/// Writes the events of one stream as server-sent events.
package protocol EventEncoder {
    /// Appends the event's bytes, its blank line included; nothing where the format has no such event.
    mutating func encode(_ event: ResponseEvent, into json: inout JSONWriter)
}
