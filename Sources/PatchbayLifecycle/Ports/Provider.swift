import NIOCore
import PatchbayModel

/// Who answers. Implemented by the plugin host over the C ABI, and by tests.
package protocol Provider: AnyObject, Sendable {
    /// The name under `plugins:`, for logs and metrics.
    var name: String { get }

    /// How a model of the provider, by its upstream name, writes its tool calls into its text, as far as the provider
    /// has said so.
    func toolMarkup(of model: String) -> ToolMarkup

    /// What a model of the provider, by its upstream name, can, as far as the provider has said so.
    func capabilities(of model: String) -> ModelCapabilities

    /// Begins a call on `strand`, an event loop that the caller is on. Throwing means that nothing happened. Returning
    /// means that `receiver` will be given exactly one end, on the strand, and never before this has returned.
    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall

    /// Begins to count the tokens of what `begin` would give the model, on the same terms. The receiver is given no
    /// event, and an end that is `.stop` with the count as the usage's `inputTokens`, or `.failed`: with the code
    /// `unsupported` where this can't be counted. Nil: the provider has no count of its own.
    func count(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> (any ProviderCall)?

    /// How many inputs one call of `embed` may carry, `Int.max` where any number; nil: the provider makes no vectors.
    var maxInputs: Int? { get }

    /// Begins to turn inputs into vectors, on the terms of `begin`. The call is never paused.
    func embed(_ request: VectorRequest, on strand: any EventLoop, receiver: any VectorReceiver)
        throws(GatewayError) -> any ProviderCall
}

extension Provider {
    package func count(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> (any ProviderCall)?
    { nil }
}

extension Provider {
    package func toolMarkup(of model: String) -> ToolMarkup { .none }

    package func capabilities(of model: String) -> ModelCapabilities { ModelCapabilities() }
}

/// A call that has begun. Used on its strand alone.
package protocol ProviderCall: AnyObject {
    /// Follows once on each `.pause` that the receiver answered: events may come again.
    func resume()

    /// Asks the provider to stop. The receiver's end follows at once (after this has returned) with `.failed` of kind
    /// `.cancelled`, whatever the provider does; no event comes any more. Without effect after the end.
    func cancel(_ reason: CancelReason)
}

/// Why a call is stopped.
package enum CancelReason: Sendable, Hashable {
    case clientGone, requested, deadline, shutdown, limit
}

/// Where a provider's events go. Called on the strand alone; never from inside a call that the receiver makes to the
/// provider.
package protocol ProviderReceiver: AnyObject {
    /// Takes an event, always. `.pause` asks for none until `resume`; what is under way still comes, up to the host's
    /// hard cap.
    func receive(_ event: ProviderEvent) -> Demand

    /// The call has ended; exactly once, nothing follows.
    func end(_ end: ProviderEnd)
}

/// Whether more is wanted just now.
package enum Demand: Sendable, Hashable {
    case more, pause
}

/// What a provider is asked.
package struct ProviderRequest: Sendable {
    /// One JSON object: the body of a Responses request with the history expanded (patchbay.h, `pbay_request.body`).
    package var body: [UInt8]
    /// The upstream's name of the model.
    package var model: String
    /// The same along a chain of turns, opaque.
    package var conversation: String
    /// Whether deltas are wanted as they come.
    package var stream: Bool
    /// Milliseconds left for the whole answer; nil: no limit.
    package var timeout: Int?

    package init(body: [UInt8], model: String, conversation: String, stream: Bool, timeout: Int?) {
        self.body = body
        self.model = model
        self.conversation = conversation
        self.stream = stream
        self.timeout = timeout
    }
}

/// What a provider says on the way; the same kinds as PBAY_EVENT_* in patchbay.h, where each is described.
package enum ProviderEvent: Sendable, Hashable {
    case text(String)
    case refusal(String)
    case reasoning(String)
    case reasoningSummary(part: Int, String)
    case reasoningOpaque(String)
    /// `index` is the provider's number of the call; `id` is empty where it has none.
    case toolCall(index: Int, id: String, name: String)
    case arguments(index: Int, String)
    case toolCallEnd(index: Int)
    /// A whole item: one JSON object.
    case item([UInt8])
    /// One JSON object.
    case annotation([UInt8])
    /// One JSON array, for the text that follows.
    case logprobs([UInt8])
    case partEnd
    case itemEnd
}

/// How a call ended.
package struct ProviderEnd: Sendable {
    package enum Outcome: Sendable {
        case stop
        /// Cut at the limit of output tokens or the context's end.
        case length
        case contentFilter
        /// Behind a pointer: an end is handed through all that waits for one.
        indirect case failed(GatewayError)
    }

    package var outcome: Outcome
    /// What is known of the token counts.
    package var usage: Usage?
    /// The upstream's own id of the response, for the record and the log.
    package var upstreamResponseID: String?
    /// Which of the request's `stop` ended the answer, where the provider tells.
    package var stopSequence: String?

    package init(
        _ outcome: Outcome, usage: Usage? = nil, upstreamResponseID: String? = nil, stopSequence: String? = nil
    ) {
        self.outcome = outcome
        self.usage = usage
        self.upstreamResponseID = upstreamResponseID
        self.stopSequence = stopSequence
    }
}
