import PatchbayJSON
import PatchbayModel

/// What is stored of a turn: its new input and its output, never the conversation before it.
///
/// The stored form is text, lines of `<tag><length> <id>:<JSON>`: `h` the header (the response without its output), `i` an input item, `o` an
/// output item, in the order of the conversation. An item's JSON has no id, so that a replay copies it to the provider as it lies.
package struct TurnRecord: Sendable, Hashable {
    package var response: Response
    package var input: [Item]
    /// The upstream's own id of the response; never shown.
    package var upstreamResponseID: String?

    package init(response: Response, input: [Item], upstreamResponseID: String?) {
        self.response = response
        self.input = input
        self.upstreamResponseID = upstreamResponseID
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024 + input.reduce(0) { $0 + $1.body.count } + response.output.reduce(0) { $0 + $1.body.count })
        Self.append(tag: .header, id: "", TurnHeader(response, upstreamResponseID: upstreamResponseID).json, to: &bytes)
        for item in input { Self.append(tag: .input, id: item.id ?? "", item.body, to: &bytes) }
        for item in response.output { Self.append(tag: .output, id: item.id ?? "", item.body, to: &bytes) }
        return bytes
    }

    private static func append(tag: TurnLines.Tag, id: String, _ json: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(tag.rawValue)
        bytes.append(contentsOf: String(json.count).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: id.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: json)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Reads the stored form. Throws `.storage` for bytes that aren't one.
    package init(decoding bytes: [UInt8], id: String, parent: String?) throws(GatewayError) {
        var header: TurnHeader?
        var input: [Item] = []
        var output: [Item] = []
        var lines = TurnLines(bytes)
        while let line = try lines.next() {
            switch line.tag {
            case .header: header = try TurnHeader(line.json)
            case .input: input.append(try line.item())
            case .output: output.append(try line.item())
            }
        }
        guard let header else { throw TurnLines.damaged("no header") }
        self.init(
            response: header.response(id: id, parent: parent, output: output), input: input,
            upstreamResponseID: header.upstreamResponseID)
    }
}
