import PatchbayJSON
import PatchbayModel

/// What is stored of a turn: its new input and its output, never the conversation before it.
///
/// The stored form is text, lines of `<tag><length> <name>:<JSON>`: `h` the header (the response without its output),
/// `i` an input item, `o` an output item, in the order of the conversation; the name is the item's id, and its JSON
/// has none, so that a replay copies it to the provider as it lies; `s` the shape of its stream. Long base64 texts are taken out of an item's JSON
/// and kept as blobs of the record, in their order; before the item a line `m<offset> <hash>:` says for each where in
/// the remaining JSON it belongs.
package struct TurnRecord: Sendable, Hashable {
    package var response: Response
    package var input: [Item]
    /// The upstream's own id of the response; never shown.
    package var upstreamResponseID: String?
    /// Who made the answer; nil in records from before it was kept.
    package var provider: String?
    /// Of a turn that has not ended: the server that makes it.
    var holder: String?
    /// How often its making has begun: more than once if servers ended before it had.
    var attempt: Int
    /// Of a turn that was streamed.
    var shape: StreamShape?

    init(
        response: Response, input: [Item], upstreamResponseID: String?, provider: String? = nil, holder: String? = nil,
        attempt: Int = 1, shape: StreamShape? = nil
    ) {
        self.response = response
        self.input = input
        self.upstreamResponseID = upstreamResponseID
        self.provider = provider
        self.holder = holder
        self.attempt = attempt
        self.shape = shape
    }

    /// The stored form and its blobs.
    package func encoded() -> (value: [UInt8], blobs: [StoredBlob]) {
        var lines = TurnLineWriter(capacity: 1024 + (input + response.output).reduce(0) { $0 + $1.body.count })
        let header = TurnHeader(
            response, upstreamResponseID: upstreamResponseID, provider: provider, holder: holder, attempt: attempt)
        lines.append(.header, id: "", header.json)
        for item in input { lines.append(.input, item) }
        for item in response.output { lines.append(.output, item) }
        if let shape { lines.append(.shape, id: "", shape.bytes) }
        return (lines.bytes, lines.blobs)
    }

    /// Reads the stored form. Throws `.storage` for bytes that aren't one.
    package init(decoding record: StoredRecord) throws(GatewayError) {
        var header: TurnHeader?
        var input: [Item] = []
        var output: [Item] = []
        var shape: StreamShape?
        var lines = TurnLines(record)
        while let line = try lines.next() {
            switch line.tag {
            case .header: header = try TurnHeader(line.json)
            case .input: input.append(try line.item())
            case .output: output.append(try line.item())
            case .media: break  // part of the item that follows
            case .shape: shape = StreamShape(line.json)
            }
        }
        guard let header else { throw TurnLines.damaged("no header") }
        self.init(
            response: header.response(id: record.id, parent: record.parent, output: output), input: input,
            upstreamResponseID: header.upstreamResponseID, provider: header.provider, holder: header.holder,
            attempt: header.attempt, shape: shape)
    }
}
