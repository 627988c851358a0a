import CPatchbay
internal import PatchbayModel

extension GatewayError {
    /// What a provider's error is to the hub.
    init(provider report: PluginReport) {
        let message = report.message.isEmpty ? report.defaultMessage : report.message
        let param = report.param.isEmpty ? nil : report.param
        let kind: Kind
        var code: String?
        switch Int(report.code) {
        case PBAY_EINVALID: kind = .invalidRequest
        case PBAY_EUNSUPPORTED: (kind, code) = (.invalidRequest, "unsupported")
        case PBAY_ENOTFOUND: (kind, code) = (.notFound, "model_not_found")
        case PBAY_ECONTEXT_LENGTH: (kind, code) = (.invalidRequest, "context_length_exceeded")
        case PBAY_ECONFLICT: kind = .conflict
        case PBAY_ERATELIMIT: kind = .rateLimited
        case PBAY_EOVERLOADED: kind = .overloaded
        case PBAY_ETIMEOUT: kind = .timeout
        case PBAY_ECANCELLED, PBAY_CLOSED: kind = .cancelled
        // Never 401: the client's own key was fine.
        case PBAY_EAUTH, PBAY_EUPSTREAM, PBAY_ELIMIT, PBAY_EDATALOSS, PBAY_EIO: kind = .provider
        default: kind = .internal
        }
        var details: [String] = []
        if report.upstreamStatus != 0 { details.append("upstream status \(report.upstreamStatus)") }
        if !report.detail.isEmpty { details.append(report.detail) }
        self.init(
            kind, message, code: code, param: kind == .invalidRequest || kind == .notFound ? param : nil,
            retryAfter: report.retryAfterSeconds, detail: details.isEmpty ? nil : details.joined(separator: ": "))
    }
}

extension PluginReport {
    /// Rounded up; nil where it isn't known. At most a day.
    var retryAfterSeconds: Int? {
        guard retryAfterMilliseconds > 0 else { return nil }
        return Int((min(retryAfterMilliseconds, 86_400_000) + 999) / 1000)
    }
}
