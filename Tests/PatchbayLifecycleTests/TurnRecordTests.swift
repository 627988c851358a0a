import PatchbayModel
import Testing

@testable import PatchbayLifecycle

@Suite struct TurnRecordTests {
    private let record: TurnRecord = {
        var response = Response(id: "resp_1", createdAt: 5, status: .incomplete, request: .user("hi", after: "resp_0"))
        response.incompleteReason = "content_filter"
        response.usage = Usage(inputTokens: 1, cachedTokens: 2, cacheWriteTokens: 3, outputTokens: 4, reasoningTokens: 5)
        response.error = GatewayError(.storage, "no", code: "c")
        response.fields["metadata"] = Array(#"{"k": "v"}"#.utf8)
        response.output = [.json(#"{"type":"vendor:x","deep":{"n":1.50}}"#)]
        return TurnRecord(response: response, input: [.user("hi"), .output(of: "c", "o")], upstreamResponseID: "up")
    }()

    @Test func `what is stored comes back equal`() throws {
        let decoded = try TurnRecord(decoding: record.encoded(), id: "resp_1", parent: "resp_0")
        #expect(decoded.response == record.response)
        #expect(decoded.upstreamResponseID == "up")
        #expect(decoded.input.map(\.body) == record.input.map(\.body))
    }

    @Test func `damaged bytes are an error, never a crash`() {
        let whole = record.encoded()
        var random = SeededGenerator(seed: 3)
        for length in 0..<whole.count {
            #expect(throws: GatewayError.self) {
                let cut = try TurnRecord(decoding: Array(whole[..<length]), id: "r", parent: nil)
                if cut.input.count + cut.response.output.count < 3 { throw GatewayError(.storage, "shorter") }
            }
        }
        for _ in 0..<3000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try? TurnRecord(decoding: bytes, id: "r", parent: nil)
        }
    }
}
