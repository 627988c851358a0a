import CPatchbay

/// What a plugin said of a failure, copied out of its `pbay_error`: bounded, and UTF-8 repaired.
struct PluginReport: Sendable, Equatable {
    /// One of PBAY_E*; never a success.
    var code: Int32
    var isRetryable = false
    /// The upstream's HTTP status, 0 if none.
    var upstreamStatus: Int32 = 0
    /// 0: unknown.
    var retryAfterMilliseconds: Int64 = 0
    var param = ""
    var message = ""
    var detail = ""

    init(code: Int32) {
        self.code = code < 0 ? code : PBAY_EINTERNAL.code
    }

    /// - Parameter code: what the function answered; nil takes the error's own.
    init(_ error: pbay_error, code: Int32?) {
        self.init(code: code ?? (error.code < 0 ? error.code : PBAY_EINTERNAL.code))
        isRetryable = error.flags & UInt32(PBAY_ERROR_RETRYABLE) != 0
        upstreamStatus = error.upstream_status
        retryAfterMilliseconds = max(0, error.retry_after_ms)
        var error = error
        param = unsafe withUnsafeBytes(of: &error.param) { unsafe String(fixed: $0) }
        message = unsafe withUnsafeBytes(of: &error.message) { unsafe String(fixed: $0) }
        detail = unsafe withUnsafeBytes(of: &error.detail) { unsafe String(fixed: $0) }
    }

    /// Runs a call that answers a code and fills an error; nil is success.
    static func of(_ call: (UnsafeMutablePointer<pbay_error>) -> Int32) -> PluginReport? {
        var error = pbay_error()
        error.size = pbay_error.abiSize
        let code = unsafe call(&error)
        return code < 0 ? PluginReport(error, code: code) : nil
    }

}

extension pbay_error {
    /// Fills the caller's error in the host's services.
    static func fill(_ pointer: UnsafeMutablePointer<pbay_error>?, code: Int32, message: String) -> Int32 {
        guard let pointer = unsafe pointer else { return code }
        let size = unsafe Int(pointer.pointee.size)
        var error = pbay_error()
        error.size = UInt32(min(size, MemoryLayout<pbay_error>.size))
        error.code = code
        let text = message.prefix(bytes: Int(PBAY_MESSAGE_CAPACITY) - 1)
        unsafe withUnsafeMutableBytes(of: &error.message) { target in
            for (at, byte) in text.utf8.enumerated() { unsafe target[at] = byte }
        }
        unsafe withUnsafeBytes(of: &error) { source in
            unsafe UnsafeMutableRawPointer(pointer).copyMemory(
                from: source.baseAddress!, byteCount: min(size, source.count))
        }
        return code
    }
}

extension PluginReport {
    /// One sentence for the operator.
    var summary: String {
        let text = message.isEmpty ? defaultMessage : message
        return detail.isEmpty ? text : "\(text) (\(detail))"
    }

    /// What to say where the plugin said nothing.
    var defaultMessage: String {
        switch Int(code) {
        case PBAY_EINVALID: "The request isn't acceptable to the provider."
        case PBAY_EUNSUPPORTED: "The model can't do what was asked."
        case PBAY_ENOTFOUND: "The provider doesn't know the model."
        case PBAY_ECONFLICT: "The provider found a conflict."
        case PBAY_EAUTH: "The provider refused this server's credentials."
        case PBAY_ERATELIMIT: "The provider limits the rate of requests; try again later."
        case PBAY_EOVERLOADED: "The provider is overloaded; try again later."
        case PBAY_ETIMEOUT: "The provider didn't answer in time."
        case PBAY_ECANCELLED, PBAY_CLOSED: "The request was cancelled."
        case PBAY_EUPSTREAM: "The provider failed."
        case PBAY_ECONTEXT_LENGTH: "The input is longer than the model's context."
        case PBAY_ELIMIT: "A limit of the provider was passed."
        case PBAY_EDATALOSS: "Stored data is missing or damaged."
        case PBAY_EIO: "The provider couldn't read or write its data."
        default: "The provider failed inside."
        }
    }
}
