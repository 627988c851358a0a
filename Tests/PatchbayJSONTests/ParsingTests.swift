import PatchbayJSON
import Testing

@Suite struct ParsingTests {
    static let chunk = """
        {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,\
        "delta":{"content":" hello"},"logprobs":null,"finish_reason":null}]}
        """

    @Test func aChatChunkIsReadByKeysAndPositions() throws {
        let root = try JSONDocument.parse(Self.chunk).root
        #expect(root["choices"]?[0]?["delta"]?["content"]?.string == " hello")
        #expect(root["created"]?.int == 1_700_000_000)
        #expect(root["choices"]?[0]?["logprobs"]?.isNull == true)
        #expect(root["choices"]?[1] == nil)
        #expect(root["object"]?.stringEquals("chat.completion.chunk") == true)
        #expect(root["object"]?.stringEquals("chat.completion.chunks") == false)
        #expect(root["absent"] == nil)
        #expect(!root.has("absent"))
        #expect(root.has("created"))
    }
}
