import PatchbayJSON

/// The formats that the server speaks. A new one is a folder of its own, a property here, and a row for each of its
/// paths in the server's `EndpointTable`.
package struct Formats: Sendable {
    package var responses: ResponsesFormat
    package var chat: ChatFormat
    package var messages: MessagesFormat
    package var embeddings: EmbeddingsFormat

    /// - Parameters:
    ///   - maxDepth: arrays and objects inside one another, in a request.
    ///   - responsesEndWithDone: see `ResponsesFormat`.
    package init(maxDepth: Int = JSONLimits.request.maxDepth, responsesEndWithDone: Bool = false) {
        responses = ResponsesFormat(maxDepth: maxDepth, endsWithDone: responsesEndWithDone)
        chat = ChatFormat(maxDepth: maxDepth)
        messages = MessagesFormat(maxDepth: maxDepth)
        embeddings = EmbeddingsFormat(maxDepth: maxDepth)
    }
}
