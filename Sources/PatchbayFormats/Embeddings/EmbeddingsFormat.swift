import PatchbayJSON
import PatchbayModel

/// OpenAI's Embeddings API. It has no events: an answer is whole.
package struct EmbeddingsFormat: Sendable {
    /// What a request says of its answer's form.
    package struct Options: Sendable {
        /// Vectors are base64 of little-endian 32-bit floats, else arrays of numbers.
        var isBase64 = false
        /// The input came by itself, not in a list.
        var isSingle = false
    }

    /// Inputs of one request.
    package static let maxInputs = 2048

    private let documents: RequestDocument

    /// `maxDepth`: arrays and objects inside one another, in a request.
    package init(maxDepth: Int = JSONLimits.request.maxDepth) {
        documents = RequestDocument(maxDepth: maxDepth)
    }

    /// Reads a request's body. Throws kinds `.invalidRequest` (with the path in `param`) and `.tooLarge`.
    package func read(_ body: [UInt8]) throws(GatewayError) -> (request: EmbeddingRequest, options: Options) {
        let reader = try EmbeddingsRequest(try documents.parse(body).root)
        return (reader.request, reader.options)
    }

    /// Writes an answer piece by piece; `model`: as the client asked for it.
    package func makeBody(of embeddings: Embeddings, model: String, _ options: Options) -> EmbeddingsBody {
        EmbeddingsBody(embeddings, model: model, options)
    }

    /// An error of the hub, whose `param` names an input by its place in the list, with the path that the client knows.
    package func localised(_ error: GatewayError, _ options: Options) -> GatewayError {
        guard options.isSingle, error.param?.hasPrefix("input[0]") == true else { return error }
        var error = error
        error.param = "input"
        return error
    }
}
