import PatchbayJSON
import PatchbayModel

/// A wire format: bytes -> one request of the hub, events of the hub -> bytes. Nothing else; it holds no state of a
/// request.
package protocol WireFormat: Sendable {
    associatedtype Encoder: EventEncoder
    /// What a request says of its answer's form, which is nobody else's business.
    associatedtype Options: Sendable

    /// Reads a request's body. Throws kinds `.invalidRequest` (with the path in `param`) and `.tooLarge`.
    func read(_ body: [UInt8]) throws(GatewayError) -> (request: Request, options: Options)

    /// A whole answer, not streamed: one JSON object.
    func body(of response: Response, _ options: Options) -> [UInt8]

    /// How many answers are asked for.
    func choices(_ options: Options) -> Int

    /// Several answers to one request, in their order: one JSON object.
    func body(of answers: [Response], _ options: Options) -> [UInt8]

    /// An error in the format's own shape: one JSON object.
    func body(of error: GatewayError) -> [UInt8]

    /// An error of the hub, whose `param` is a path in a Responses request, with the path that the client knows.
    func localised(_ error: GatewayError, _ options: Options) -> GatewayError

    /// For one stream.
    func makeEncoder(_ options: Options) -> Encoder
}

/// Most formats have one answer to a request.
extension WireFormat {
    package func choices(_ options: Options) -> Int { 1 }

    package func body(of answers: [Response], _ options: Options) -> [UInt8] {
        answers.first.map { body(of: $0, options) } ?? []
    }
}

/// Writes the events of one stream as server-sent events.
package protocol EventEncoder {
    /// Appends the event's bytes, its blank line included; nothing where the format has no such event. After the
    /// terminal event nothing follows.
    mutating func encode(_ event: ResponseEvent, into json: inout JSONWriter)

    /// An event of one of several answers, from 0. Its terminal event is not the stream's end.
    mutating func encode(_ event: ResponseEvent, of choice: Int, into json: inout JSONWriter)

    /// The end of several answers, or of their stream after an error event.
    mutating func encodeEnd(usage: Usage?, into json: inout JSONWriter)
}

extension EventEncoder {
    package mutating func encode(_ event: ResponseEvent, of choice: Int, into json: inout JSONWriter) {
        encode(event, into: &json)
    }

    package mutating func encodeEnd(usage: Usage?, into json: inout JSONWriter) {}
}
