// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

/// Models in both forms.
@Suite struct ModelBodyTests {
    private func listing(_ change: (inout ModelCapabilities) -> Void = { _ in }) -> ModelListing {
        var capabilities = ModelCapabilities()
        change(&capabilities)
        return ModelListing(name: "m", created: 7, provider: "p", capabilities: capabilities)
    }

    private func openAI(_ model: ModelListing) -> String { String(decoding: ResponsesFormat().model(model), as: UTF8.self) }

    private func anthropic(_ model: ModelListing) throws -> JSONValue { try JSONDocument.parse(MessagesFormat().model(model)).root }

    @Test func `what isn't known isn't said`() throws {
        #expect(openAI(listing()) == #"{"id":"m","object":"model","created":7,"owned_by":"p"}"#)
        let other = try anthropic(listing())
        for name in ["max_input_tokens", "max_tokens", "capabilities"] { #expect(other[key: name]?.isNull == true, "\(name)") }
    }

    @Test func `all that is known stands beside OpenAI's fields`() {
        let model = listing { known in
            known.kinds = .answers
            known.inputs = [.text, .image]
            (known.contextTokens, known.maxOutputTokens) = (1000, 100)
            (known[.tools], known[.reasoning], known[.structuredOutput]) = (true, false, true)
        }
        #expect(openAI(model) == #"{"id":"m","object":"model","created":7,"owned_by":"p","kinds":["chat"],"context_length":1000,"max_model_len":1000,"architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},"top_provider":{"context_length":1000,"max_completion_tokens":100},"supported_parameters":["tools","tool_choice","response_format","structured_outputs"],"features":{"tools":true,"reasoning":false,"structured_output":true}}"#)
    }

    @Test func `parameters are listed only where it is known of each`() {
        let model = listing { known in
            known.kinds = [.embeddings]
            known.dimensions = 8
            (known[.tools], known[.dimensions]) = (true, true)
        }
        #expect(openAI(model) == #"{"id":"m","object":"model","created":7,"owned_by":"p","kinds":["embeddings"],"architecture":{"output_modalities":["embeddings"]},"features":{"tools":true,"dimensions":true},"dimensions":8}"#)
    }

    @Test func `Anthropic's capabilities are whole, or null where one of them isn't known`() throws {
        func known(_ isReasoning: Bool) -> ModelListing {
            listing { known in
                known.inputs = [.text, .image]
                known.maxOutputTokens = 100
                (known[.reasoning], known[.structuredOutput]) = (isReasoning, false)
            }
        }
        for isReasoning in [true, false] {
            let model = try anthropic(known(isReasoning))
            let all = try #require(model["capabilities"])
            #expect(all["image_input"]?["supported"]?.bool == true && all["pdf_input"]?["supported"]?.bool == false)
            #expect(all["structured_outputs"]?["supported"]?.bool == false && all["batch"]?["supported"]?.bool == false)
            #expect(all["thinking"]?["types"]?["enabled"]?["supported"]?.bool == isReasoning)
            #expect(all["effort"]?["high"]?["supported"]?.bool == isReasoning)
            #expect(all.count == 10 && model["max_tokens"]?.int == 100)
        }
        var half = known(true)
        half.capabilities[.structuredOutput] = nil
        #expect(try anthropic(half)["capabilities"]?.isNull == true)
    }
}
