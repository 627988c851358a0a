import PatchbayModel
import Testing

@testable import PatchbayLifecycle

@Suite struct TurnRecordTests {
    private let record: TurnRecord = {
        var response = Response(id: "resp_1", createdAt: 5, status: .incomplete, request: .user("hi", after: "resp_0"))
        response.incompleteReason = "content_filter"
        response.usage = Usage(
            inputTokens: 1, cachedTokens: 2, cacheWriteTokens: 3, outputTokens: 4, reasoningTokens: 5)
        response.error = GatewayError(.storage, "no", code: "c")
        response.fields["metadata"] = Array(#"{"k": "v"}"#.utf8)
        response.output = [.json(#"{"type":"vendor:x","deep":{"n":1.50}}"#)]
        return TurnRecord(response: response, input: [.user("hi"), .output(of: "c", "o")], upstreamResponseID: "up")
    }()

    private func stored(_ record: TurnRecord) -> StoredRecord {
        let (value, blobs) = record.encoded()
        return StoredRecord(
            id: "resp_1", parent: "resp_0", root: "resp_0", created: 0, expires: nil, value: value, blobs: blobs)
    }

    @Test func `what is stored comes back equal`() throws {
        let decoded = try TurnRecord(decoding: stored(record))
        #expect(decoded.response == record.response)
        #expect(decoded.upstreamResponseID == "up")
        #expect(decoded.input == record.input)
    }

    @Test func `media is kept apart, and comes back where it was`() throws {
        let image = String(repeating: "QUJD", count: 1000)
        let parts = (0..<3).map { #"{"type":"input_image","image_url":"data:image/png;base64,\#(image)","n":\#($0)}"# }
        let short = #"{"type":"input_image","image_url":"data:image/png;base64,QUJD"}"#
        let item = Item.json(#"{"role":"user","content":[\#(parts.joined(separator: ",")),\#(short)],"z":"data:"}"#)
        var turn = record
        turn.input = [item, .user("hi"), item]
        let stored = stored(turn)
        #expect(stored.blobs.count == 6 && Set(stored.blobs.map(\.hash)).count == 1 && stored.value.count < 2500)
        #expect(try TurnRecord(decoding: stored).input == turn.input)
        var damaged = stored
        damaged.blobs.removeLast()
        #expect(throws: GatewayError.self) { try TurnRecord(decoding: damaged) }
    }

    @Test func `damaged bytes are an error, never a crash`() {
        let whole = stored(record)
        var random = SeededGenerator(seed: 3)
        for length in 0..<whole.value.count {
            var cut = whole
            cut.value = Array(whole.value[..<length])
            let decoded = try? TurnRecord(decoding: cut)
            #expect((decoded?.input.count ?? 0) + (decoded?.response.output.count ?? 0) < 3)
        }
        for _ in 0..<3000 {
            var damaged = whole
            damaged.value[Int.random(in: 0..<whole.value.count, using: &random)] = .random(in: 0...255, using: &random)
            _ = try? TurnRecord(decoding: damaged)
        }
    }
}
