import CPatchbay
internal import PatchbayModel

extension GatewayError {
    /// What a store's error is to the hub. Clients aren't told what is wrong with a medium; the operator is.
    init(store report: PluginReport, plugin: String) {
        let kind: Kind
        let message: String
        switch Int(report.code) {
        case PBAY_ENOTFOUND: (kind, message) = (.notFound, "The record isn't there.")
        case PBAY_ECONFLICT: (kind, message) = (.conflict, "The record is there already, or has changed.")
        case PBAY_ELIMIT: (kind, message) = (.tooLarge, "That is more than the store takes or may hand out.")
        case PBAY_EOVERLOADED, PBAY_ERATELIMIT:
            (kind, message) = (.overloaded, "The store is overloaded; try again later.")
        case PBAY_ETIMEOUT: (kind, message) = (.timeout, "The store didn't answer in time.")
        case PBAY_EDATALOSS: (kind, message) = (.storage, "Stored data is missing or damaged.")
        default: (kind, message) = (.storage, "The store failed; nothing was stored.")
        }
        self.init(
            kind, message, retryAfter: report.retryAfterSeconds,
            detail: "plugin \(plugin) answered \(report.code): \(report.summary)")
    }
}
