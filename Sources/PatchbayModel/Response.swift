/// An answer as far as it got: what `GET /v1/responses/{id}` shows and what is stored of a turn.
package struct Response: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// Of the background: not begun.
        case queued
        case inProgress = "in_progress"
        case completed
        /// Cut short; it can be continued.
        case incomplete
        /// It can't be continued.
        case failed
        /// Of the background: ended because the client asked for it.
        case cancelled

        /// Whether it has ended.
        package var isTerminal: Bool {
            switch self {
            case .queued, .inProgress: false
            case .completed, .incomplete, .failed, .cancelled: true
            }
        }
    }

    package var id: String
    /// Unix seconds.
    package var createdAt: Int
    /// Unix seconds; nil until the response has completed.
    package var completedAt: Int?
    package var status: Status
    /// The model's name, as the client asked for it.
    package var model: String
    package var previousResponseID: String?
    /// The conversation that it belongs to.
    package var conversationID: String?
    /// Whether the response is kept.
    package var store: Bool
    /// Whether it is made without its client.
    package var background: Bool
    /// The request's fields that a response repeats, and any other that came with it.
    package var fields: RequestFields
    package var output: [Item]
    package var usage: Usage?
    package var error: GatewayError?
    /// Why it is incomplete: `max_output_tokens`, `content_filter`, or `cancelled` where the client went away.
    package var incompleteReason: String?
    /// Which of the request's `stop` ended it, where the provider tells. It isn't kept.
    package var stopSequence: String?

    package init(id: String, createdAt: Int, status: Status, request: Request) {
        self.id = id
        self.createdAt = createdAt
        self.status = status
        self.model = request.model
        self.previousResponseID = request.previousResponseID
        self.conversationID = request.conversationID
        self.store = request.store
        self.background = request.background
        self.fields = request.fields
        self.output = []
    }

    package init(
        id: String, createdAt: Int, completedAt: Int?, status: Status, model: String, previousResponseID: String?,
        conversationID: String? = nil, store: Bool, background: Bool = false, fields: RequestFields, output: [Item],
        usage: Usage?, error: GatewayError?,
        incompleteReason: String?
    ) {
        self.id = id
        self.createdAt = createdAt
        self.completedAt = completedAt
        self.status = status
        self.model = model
        self.previousResponseID = previousResponseID
        self.conversationID = conversationID
        self.store = store
        self.background = background
        self.fields = fields
        self.output = output
        self.usage = usage
        self.error = error
        self.incompleteReason = incompleteReason
    }
}
