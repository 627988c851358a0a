/// A request for vectors, in the hub's own terms.
package struct EmbeddingRequest: Sendable {
    /// The name that the client asked for.
    package var model: String
    /// Each one JSON text as it came: a string, or an array of token numbers. Never empty, and not mixed.
    package var inputs: [ArraySlice<UInt8>]
    /// Everything else that the provider is told: `dimensions`, `user`, and what this version doesn't know.
    package var fields: RequestFields

    package init(model: String, inputs: [ArraySlice<UInt8>], fields: RequestFields) {
        self.model = model
        self.inputs = inputs
        self.fields = fields
    }
}

/// The vectors of a request.
package struct Embeddings: Sendable {
    /// One after another those of the request's inputs, in their order and all of one length.
    package var batches: [Vectors]
    package var usage: Usage

    package init(batches: [Vectors], usage: Usage) {
        self.batches = batches
        self.usage = usage
    }
}
