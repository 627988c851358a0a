import PatchbayJSON
import PatchbayModel

/// The stream of a response for a client that has had a part of it: events up to a number aren't written.
package struct ResumedEventEncoder: EventEncoder {
    private var encoder: ResponsesEventEncoder
    /// The number of the last event that the client has.
    private let last: Int

    init(_ encoder: ResponsesEventEncoder, after last: Int) {
        self.encoder = encoder
        self.last = last
    }

    package mutating func encode(_ event: ResponseEvent, into json: inout JSONWriter) {
        var number = encoder.sequenceNumber
        guard number <= last else { return encoder.encode(event, into: &json) }
        var written = JSONWriter()
        encoder.encode(event, into: &written)
        // One event of the hub may be two of the stream. Each ends in an empty line, and JSON has no line breaks.
        var rest = written.bytes[...]
        while number <= last, !rest.isEmpty {
            let end = rest.indices.dropLast().first { rest[$0] == 10 && rest[$0 + 1] == 10 }
            rest = rest[((end ?? rest.endIndex - 2) + 2)...]
            number += 1
        }
        json.verbatim(Array(rest))
    }
}
