import PatchbayModel

/// Which kept chat completions are asked for. Their ids are those of responses here.
package struct CompletionQuery: Sendable, Hashable {
    package var page: PageQuery
    /// Only those of this model, as it was asked for.
    package var model: String?
    /// Only those whose metadata have all of these.
    package var metadata: [Pair]

    package struct Pair: Sendable, Hashable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package init(page: PageQuery, model: String? = nil, metadata: [Pair] = []) {
        self.page = page
        self.model = model
        self.metadata = metadata
    }
}

/// A page of them.
package struct CompletionPage: Sendable, Hashable {
    package var responses: [Response]
    package var hasMore: Bool
    /// The id after which the next page is: the last response's, or of one behind it that was looked at in vain.
    package var last: String?
}
