import CPatchbay
internal import PatchbayLifecycle
internal import PatchbayModel

extension GatewayError {
    /// A hook's rejection as its client sees it.
    init(hook report: PluginReport, plugin: String) {
        let kind: Kind
        var code: ErrorCode?
        var message = "The request was rejected."
        switch Int(report.code) {
        // Never 401, which speaks of the client's key: that was fine, and the hook refuses all the same.
        case PBAY_EINVALID, PBAY_EAUTH: kind = .invalidRequest
        case PBAY_EUNSUPPORTED: (kind, code) = (.invalidRequest, .unsupported)
        case PBAY_ECONTEXT_LENGTH: (kind, code) = (.invalidRequest, .contextLengthExceeded)
        case PBAY_ENOTFOUND: kind = .notFound
        case PBAY_ECONFLICT: kind = .conflict
        case PBAY_ELIMIT: (kind, message) = (.tooLarge, "The request is too large.")
        case PBAY_ERATELIMIT: (kind, message) = (.rateLimited, "Too many requests; try again later.")
        case PBAY_EOVERLOADED: (kind, message) = (.overloaded, "The server is overloaded; try again later.")
        case PBAY_ETIMEOUT: (kind, message) = (.timeout, "The request took too long.")
        case PBAY_ECANCELLED, PBAY_CLOSED: (kind, message) = (.cancelled, "The request was cancelled.")
        case PBAY_EUPSTREAM: (kind, message) = (.provider, "The provider failed.")
        default: (kind, message) = (.internal, "The server failed inside.")
        }
        self.init(
            kind, report.message.isEmpty ? message : report.message, code: code?.rawValue,
            param: report.param.isEmpty ? nil : report.param, retryAfter: report.retryAfterSeconds,
            detail: report.detail.isEmpty ? "rejected by the hook \(plugin)" : "the hook \(plugin): \(report.detail)")
    }
}

extension HookFault {
    /// - Parameter what: has failed.
    init(_ what: String, _ report: PluginReport) {
        let texts = [report.message, report.detail].filter { !$0.isEmpty }
        self.init("\(what) failed with the code \(report.code)" + texts.map { ": \($0)" }.joined())
    }
}
