import CPatchbay
internal import PatchbayModel

/// A hook's question to a model: the plugin hears of its answer exactly once, on the strand.
@safe final class HookAsk: @unchecked Sendable {
    typealias Done =
        @convention(c) (UnsafeMutableRawPointer?, Int32, pbay_text, UnsafePointer<pbay_error>?) -> Void

    private let call: HookCall
    private let done: Done
    private let context: UnsafeMutableRawPointer?
    private let once = Once()

    init(_ call: HookCall, done: @escaping Done, context: UnsafeMutableRawPointer?) {
        self.call = call
        unsafe self.done = done
        unsafe self.context = context
    }

    /// [strand]
    func end(_ answer: Result<String, GatewayError>) {
        guard once.claim() else { return }
        switch answer {
        case .success(let text):
            unsafe text.withCText { unsafe done(context, PBAY_OK.code, $0, nil) }
        case .failure(let failure):
            var error = pbay_error(failure)
            unsafe done(context, error.code, pbay_text(), &error)
        }
        call.ended(self)
    }

    /// The plugin is told nothing. False: it has been.
    func withdraw() -> Bool { once.claim() }
}

extension GatewayError {
    /// Nobody waits any more.
    static var cancelled: GatewayError { GatewayError(.cancelled, "The request was cancelled.") }
}

extension pbay_error {
    /// What the gateway failed with, for a plugin that asked it.
    fileprivate init(_ failure: GatewayError) {
        self.init()
        size = Self.abiSize
        code = Self.code(of: failure.kind)
        retry_after_ms = Int64(failure.retryAfter ?? 0) * 1000
        unsafe withUnsafeMutableBytes(of: &message) { unsafe $0.fill(failure.message) }
        unsafe withUnsafeMutableBytes(of: &param) { unsafe $0.fill(failure.param ?? "") }
        unsafe withUnsafeMutableBytes(of: &detail) { unsafe $0.fill(failure.detail ?? "") }
    }

    private static func code(of kind: GatewayError.Kind) -> Int32 {
        switch kind {
        case .invalidRequest, .methodNotAllowed, .unsupportedMediaType: PBAY_EINVALID.code
        case .unauthenticated: PBAY_EAUTH.code
        case .notFound: PBAY_ENOTFOUND.code
        case .conflict: PBAY_ECONFLICT.code
        case .tooLarge: PBAY_ELIMIT.code
        case .rateLimited: PBAY_ERATELIMIT.code
        case .overloaded: PBAY_EOVERLOADED.code
        case .provider: PBAY_EUPSTREAM.code
        case .timeout: PBAY_ETIMEOUT.code
        case .cancelled: PBAY_ECANCELLED.code
        case .storage: PBAY_EIO.code
        case .internal: PBAY_EINTERNAL.code
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes a text, cut on a character's border, and its zero.
    fileprivate func fill(_ text: String) {
        var at = startIndex
        for byte in text.prefix(bytes: count - 1).utf8 {
            unsafe self[at] = byte
            at += 1
        }
        unsafe self[at] = 0
    }
}
