import NIOHTTP1

/// What a request's path leads to.
enum Endpoint {
    case health
    /// The hooks and tools, with their counts.
    case plugins
    case models
    case model(String)
    /// A door for requests for answers, in a format.
    case generation(any GenerationEndpoint)
    /// Counts a request's input.
    case inputTokens
    /// Counts a message request's input.
    case messageTokens
    /// Compacts a conversation.
    case compaction
    case embeddings
    case response(String)
    case inputItems(of: String)
    case chatCompletion(String)
    case chatMessages(of: String)
    case conversations(ConversationEndpoint)
    case cancellation(of: String)

    /// The path with its variable parts by name: for the access log and labels, never with an id in it.
    var template: String {
        switch self {
        case .health: "/health"
        case .plugins: "/plugins"
        case .models: "/v1/models"
        case .model: "/v1/models/{id}"
        case .generation(let endpoint): endpoint.path
        case .inputTokens: EndpointTable.inputTokens
        case .compaction: EndpointTable.compaction
        case .messageTokens: EndpointTable.messageTokens
        case .embeddings: EndpointTable.embeddings
        case .response: "/v1/responses/{id}"
        case .inputItems: "/v1/responses/{id}/input_items"
        case .chatCompletion: "/v1/chat/completions/{id}"
        case .chatMessages: "/v1/chat/completions/{id}/messages"
        case .conversations(let endpoint): endpoint.template
        case .cancellation: "/v1/responses/{id}/cancel"
        }
    }

    /// The methods that it knows, as the `Allow` header lists them.
    var allow: StaticString {
        switch self {
        case .generation(let endpoint): endpoint.listsKept ? "GET, HEAD, POST" : "POST"
        case .inputTokens, .messageTokens, .compaction, .embeddings, .cancellation: "POST"
        case .response: "GET, HEAD, DELETE"
        case .chatCompletion: "GET, HEAD, POST, DELETE"
        case .health, .plugins, .models, .model, .inputItems, .chatMessages: "GET, HEAD"
        case .conversations(let endpoint): endpoint.allow
        }
    }

    func allows(_ method: HTTPMethod) -> Bool {
        switch self {
        case .generation(let endpoint):
            method == .POST || endpoint.listsKept && (method == .GET || method == .HEAD)
        case .inputTokens, .messageTokens, .compaction, .embeddings, .cancellation: method == .POST
        case .response: method == .GET || method == .HEAD || method == .DELETE
        case .chatCompletion: method == .GET || method == .HEAD || method == .POST || method == .DELETE
        case .health, .plugins, .models, .model, .inputItems, .chatMessages: method == .GET || method == .HEAD
        case .conversations(let endpoint): endpoint.allows(method)
        }
    }

    /// Whether a connection can become a WebSocket here.
    var takesWebSockets: Bool {
        if case .generation(let endpoint) = self { endpoint.takesWebSockets } else { false }
    }

    /// What becomes of the body of a request with this method.
    func body(of method: HTTPMethod) -> BodyRule {
        switch self {
        case .generation, .chatCompletion: method == .POST ? .required : .ignored
        case .inputTokens, .messageTokens, .compaction, .embeddings: .required
        case .health, .plugins, .models, .model, .response, .inputItems, .cancellation, .chatMessages: .ignored
        case .conversations(let endpoint): endpoint.body(of: method)
        }
    }

    var needsKey: Bool {
        if case .health = self { false } else { true }
    }
}
