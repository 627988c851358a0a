/// What went wrong, in the hub's own terms. Each format renders it in its own shape; the server derives the HTTP
/// status from `kind`.
///
/// `message` reaches the client: it says what was wrong, where, and what to do, and holds nothing secret and nothing
/// of an upstream's internals. `detail` reaches only the operator's log.
package struct GatewayError: Error, Sendable, Hashable {
    /// The class of an error: who is at fault and whether trying again helps.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The request is malformed or asks for what can't be.
        case invalidRequest
        /// No key, or one that nobody has.
        case unauthenticated
        /// No such thing for this caller; also what belongs to somebody else.
        case notFound
        /// The route knows no such method.
        case methodNotAllowed
        /// The thing is in a state that forbids it.
        case conflict
        /// A body over the limit.
        case tooLarge
        /// A body that isn't `application/json`.
        case unsupportedMediaType
        /// The upstream limits the rate.
        case rateLimited
        /// Out of a bounded resource just now.
        case overloaded
        /// The provider or its upstream failed.
        case provider
        /// A time limit ran out.
        case timeout
        /// The caller or the host ended it.
        case cancelled
        /// The store failed; nothing was stored.
        case storage
        /// A defect of the host or of a plugin.
        case `internal`
    }

    package var kind: Kind
    /// A stable word for programs, e.g. `previous_response_not_found`; nil where the kind says all.
    package var code: String?
    package var message: String
    /// The path of what was wrong in the request, e.g. `input[3].content[0].image_url`.
    package var param: String?
    /// Seconds after which trying again makes sense.
    package var retryAfter: Int?
    /// For the operator's log alone.
    package var detail: String?

    package init(
        _ kind: Kind, _ message: String, code: String? = nil, param: String? = nil, retryAfter: Int? = nil,
        detail: String? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.param = param
        self.retryAfter = retryAfter
        self.detail = detail
    }

    /// A request that is the caller's fault, with the path of what was wrong.
    package static func invalid(_ message: String, param: String?, code: String? = nil) -> GatewayError {
        GatewayError(.invalidRequest, message, code: code, param: param)
    }
}
