import NIOCore
import PatchbayModel

/// Who looks at requests and changes them. Implemented by the plugin host over the C ABI and over C functions, and by
/// tests. patchbay.h says under `pbay_hooks` what each point shows and what each verdict means there.
package protocol Hook: AnyObject, Sendable {
    /// The name under `plugins:` or `hooks:`, for logs and counts.
    var name: String { get }

    /// Where it is visited, and with which kinds of events. The same as long as it lives.
    var interest: HookInterest { get }

    /// What it says of its own state, for the operator: `healthy: 3 entries`; nil where it says nothing. From any
    /// thread.
    var condition: String? { get }

    /// A request comes to its first visit. On the request's strand. Throwing is a failure of the hook.
    func open(_ request: HookedRequest) throws(HookFault) -> any HookSession
}

extension Hook {
    package var condition: String? { nil }
}

/// One request at one hook. Used on the request's strand alone.
package protocol HookSession: AnyObject {
    /// Visits the hook: its verdict; or nil, and then `later` is called exactly once with it, on the strand and not
    /// before this has returned, also after `cancel`.
    func visit(_ visit: HookVisit, later: @escaping (HookVerdict) -> Void) -> HookVerdict?

    /// Nobody waits for the deferred verdict any more.
    func cancel()

    /// The last call. A visit may still be without its verdict: the session lives on until it has come.
    func close()
}

/// What a hook can do for a request besides its verdicts. From any thread.
package protocol HookServices: AnyObject, Sendable {
    /// Leaves a value in the request's bag; an empty one removes it. Throws `.tooLarge` past the bag's bounds.
    func put(_ value: [UInt8], named name: String) throws(GatewayError)
    func value(named name: String) -> [UInt8]?

    /// Asks a model of the configuration: `body` is a Responses request. It reaches no hook and isn't stored. `done`
    /// follows once, on the strand, with the answer's text. Throws, and nothing follows, for what is no request.
    func ask(_ body: [UInt8], done: @escaping @Sendable (Result<String, GatewayError>) -> Void) throws(GatewayError)
}

/// A request as a hook first hears of it.
package struct HookedRequest: Sendable {
    package var id: String
    /// Opaque.
    package var owner: String
    package var model: String
    package var isStreamed: Bool
    package var isBackground: Bool
    package var isStored: Bool
    package var strand: any EventLoop
    package var services: any HookServices

    package init(
        id: String, owner: String, model: String, isStreamed: Bool, isBackground: Bool, isStored: Bool,
        strand: any EventLoop, services: any HookServices
    ) {
        self.id = id
        self.owner = owner
        self.model = model
        self.isStreamed = isStreamed
        self.isBackground = isBackground
        self.isStored = isStored
        self.strand = strand
        self.services = services
    }
}

/// One point of one request, as a hook sees it.
package struct HookVisit: Sendable {
    package var point: HookPoint
    /// Of `.events`.
    package var events: [ProviderEvent]
    /// Of `.events`: the provider has ended.
    package var isLast: Bool
    /// The client has been told of the answer.
    package var wasSent: Bool
    /// How often tools have been run for this answer.
    package var round: Int
    /// Makes the point's document; nil where it has none. Called at most once, from any thread, before the verdict.
    package var document: (@Sendable () -> [UInt8])?

    package init(
        _ point: HookPoint, events: [ProviderEvent] = [], isLast: Bool = false, wasSent: Bool = false, round: Int = 0,
        document: (@Sendable () -> [UInt8])? = nil
    ) {
        self.point = point
        self.events = events
        self.isLast = isLast
        self.wasSent = wasSent
        self.round = round
        self.document = document
    }
}

/// What a hook says of a visit.
package enum HookVerdict: Sendable {
    case proceed
    /// JSON in the place of the point's document.
    case replace([UInt8])
    case replaceEvents([ProviderEvent])
    /// An answer in the provider's place.
    indirect case answer(HookAnswer)
    /// The request ends with this error.
    indirect case reject(GatewayError)
    /// The hook itself has failed.
    case failed(HookFault)
}

/// An answer in the provider's place.
package struct HookAnswer: Sendable {
    package var events: [ProviderEvent]
    /// Never `.failed`.
    package var outcome: ProviderEnd.Outcome
    package var usage: Usage?
    /// Who once made it.
    package var provider: String?

    package init(events: [ProviderEvent], outcome: ProviderEnd.Outcome, usage: Usage? = nil, provider: String? = nil) {
        self.events = events
        self.outcome = outcome
        self.usage = usage
        self.provider = provider
    }
}

/// What went wrong with a hook, for the operator.
package struct HookFault: Error, Sendable, Hashable {
    package var reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}
