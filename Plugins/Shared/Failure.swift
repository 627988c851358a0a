import CPatchbay

/// Why a call ends badly, or why a configuration isn't taken. It becomes a `pbay_error`.
struct Failure: Error, Equatable {
    /// One of `PBAY_E*`.
    var code: Int32
    /// For the client: what was wrong and what to do. No secret, nothing of the upstream's internals.
    var message: String
    /// A path in the request or in the configuration; empty where none is at fault.
    var param = ""
    /// For the operator's log alone.
    var detail = ""
    /// Whether the same call may succeed later or elsewhere.
    var isRetryable = false
    /// The upstream's HTTP status; 0 if none.
    var status: Int32 = 0
    /// Milliseconds; 0 unknown.
    var retryAfter: Int64 = 0
}

extension Failure {
    /// The caller's fault.
    static func invalid(_ param: String, _ message: String) -> Failure {
        Failure(code: Int32(PBAY_EINVALID), message: message, param: param)
    }

    /// What the upstream's API has no place for. Nothing of a request is dropped in silence: the client is told the
    /// path.
    static func unsupported(_ param: String, _ message: String) -> Failure {
        Failure(code: Int32(PBAY_EUNSUPPORTED), message: message, param: param)
    }

    /// The upstream broke its own protocol.
    static func nonsense(_ message: String, detail: String = "") -> Failure {
        Failure(code: Int32(PBAY_EUPSTREAM), message: message, detail: detail, isRetryable: true)
    }

    /// The upstream has no count of tokens: the host estimates.
    static func uncounted(status: Int) -> Failure {
        Failure(
            code: Int32(PBAY_EUNSUPPORTED), message: "The upstream doesn't count tokens.",
            status: Int32(clamping: status))
    }

    /// The upstream has no address for vectors.
    static func vectorless(status: Int) -> Failure {
        Failure(
            code: Int32(PBAY_EUNSUPPORTED), message: "This model's provider makes no vectors.", param: "model",
            status: Int32(clamping: status))
    }

    /// Takes out of all texts each word that holds the deployment's key.
    mutating func redact(_ key: String) {
        guard !key.isEmpty, code != PBAY_ECANCELLED else { return }
        for text in [\Failure.message, \Failure.detail, \Failure.param] where self[keyPath: text].contains(key) {
            self[keyPath: text] = self[keyPath: text].split(separator: " ", omittingEmptySubsequences: false)
                .map { $0.contains(key) ? "[redacted]" : $0 }.joined(separator: " ")
        }
    }

    static let cancelled = Failure(code: Int32(PBAY_ECANCELLED), message: "The call was cancelled.")

    static let unfinished = nonsense("The upstream ended its reply before the answer was complete.")

    /// An exchange that did not bring a whole reply. `outcome` is one of `PBAY_HTTP_*`.
    static func transport(_ outcome: Int32, status: Int32, detail: String) -> Failure {
        let (code, what): (Int, String) =
            switch Int(outcome) {
            case PBAY_HTTP_TIMEOUT_CONNECT: (PBAY_ETIMEOUT, "The upstream did not accept a connection in time.")
            case PBAY_HTTP_TIMEOUT_HEAD: (PBAY_ETIMEOUT, "The upstream did not begin its reply in time.")
            case PBAY_HTTP_TIMEOUT_IDLE: (PBAY_ETIMEOUT, "The upstream fell silent in the middle of its reply.")
            case PBAY_HTTP_TIMEOUT_TOTAL: (PBAY_ETIMEOUT, "The upstream did not complete its reply in time.")
            case PBAY_HTTP_RESET:
                (PBAY_EUPSTREAM, "The connection to the upstream broke before its reply was complete.")
            case PBAY_HTTP_REFUSED: (PBAY_EUPSTREAM, "The upstream can't be reached: it accepts no connection.")
            case PBAY_HTTP_DNS: (PBAY_EUPSTREAM, "The upstream can't be reached: its name has no address.")
            case PBAY_HTTP_TLS: (PBAY_EUPSTREAM, "No secure connection to the upstream could be made.")
            case PBAY_HTTP_LIMIT: (PBAY_EUPSTREAM, "The upstream's reply is larger than this server takes.")
            case PBAY_HTTP_PROTOCOL: (PBAY_EUPSTREAM, "The upstream's reply is not HTTP.")
            case PBAY_HTTP_CANCELLED: (PBAY_ECANCELLED, "The call was cancelled.")
            default: (PBAY_EUPSTREAM, "The exchange with the upstream failed.")
            }
        let isRetryable = code != PBAY_ECANCELLED && Int(outcome) != PBAY_HTTP_LIMIT
        return Failure(code: Int32(code), message: what, detail: detail, isRetryable: isRetryable, status: status)
    }
}
