internal import PatchbayModel

/// How a plugin broke the rules of a stream.
package enum StreamFault: Error, Sendable, Equatable {
    case malformed(String)
    case eventTooLarge
    case hardCap
    case tooManyToolCalls
    case tooManyNumbers

    /// What the receiver is told. Who uses the API isn't told what is wrong with a plugin; the operator is.
    var error: GatewayError {
        switch self {
        case .malformed(let what):
            GatewayError(.provider, "The provider's answer was malformed.", detail: "the plugin pushed \(what)")
        case .eventTooLarge:
            GatewayError(
                .provider, "The provider's answer was cut: one piece of it was too large.",
                detail: "the plugin pushed an event over the limit")
        case .hardCap:
            GatewayError(
                .provider, "The provider's answer was cut: it came faster than it could be sent.",
                detail: "the plugin went on pushing after PBAY_PAUSE, past the stream's hard cap")
        case .tooManyToolCalls:
            GatewayError(
                .provider, "The provider's answer was cut: it held too many tool calls.",
                detail: "the plugin began more tool calls than one answer may have")
        case .tooManyNumbers:
            GatewayError(
                .provider, "The provider's vectors are longer than this server gives for so many inputs.",
                code: "answer_too_large", detail: "the plugin pushed a vector over the limit")
        }
    }
}
