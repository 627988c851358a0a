import CPatchbay

/// An upstream's own report of an error: an HTTP status with a body, an `error` object within a stream, a failed
/// response.
///
/// What of it reaches the client: for a fault of the request (400-class, context length) the upstream's sentence, since
/// only that says which parameter of which model is wrong; it is cut, made one line, and freed of anything like a key.
/// For all else (credentials, rates, failures) our own words alone, the upstream's go to the log.
struct UpstreamError {
    /// HTTP status, or a status told in the error's `code`; 0 when there is none.
    var status = 0
    /// `code`, else `type`, else `status` where that is a word.
    var code = ""
    var text = ""
    var param = ""
    /// What the call that it ended was for.
    var purpose = Purpose.answer
    /// Milliseconds; 0 unknown.
    var retryAfter: Int64 = 0

    init(text: String, code: String = "") { (self.text, self.code) = (text, code) }

    /// `{"message", "code", "type", "param"}`, or only a string.
    init(_ value: JSONValue) {
        text = value.string ?? value["message"]?.string ?? value["detail"]?.string ?? ""
        param = value["param"]?.string ?? ""
        if let number = value["code"]?.int ?? value["status"]?.int, (400...599).contains(number) { status = number }
        code = value["code"]?.string ?? value["type"]?.string ?? value["status"]?.string ?? ""
        if code == "error" { code = "" }
    }

    /// As the call's end. `param` gives the upstream's name of a field in the client's words.
    func failure(param named: (String) -> String = { $0 }) -> Failure {
        let text = Self.cleaned(text)
        var failure = Failure(code: Int32(PBAY_EUPSTREAM), message: "The upstream failed.", isRetryable: true)
        switch kind {
        case .contextLength:
            failure.code = Int32(PBAY_ECONTEXT_LENGTH)
            failure.message = Self.sentence("The input is longer than the model's context", text)
            let place = named(String(param.prefix(100)))
            (failure.param, failure.isRetryable) = (place.hasPrefix("input[") ? place : "input", false)
        case .model:
            failure.code = Int32(PBAY_ENOTFOUND)
            failure.message = "The upstream doesn't know this model."
            (failure.param, failure.isRetryable) = ("model", false)
        case .request:
            failure.code = Int32(PBAY_EINVALID)
            failure.message = Self.sentence("The upstream refused the request", text)
            (failure.param, failure.isRetryable) = (named(String(param.prefix(100))), false)
        case .credentials:
            failure.code = Int32(PBAY_EAUTH)
            failure.message = "The upstream refused this deployment's credentials."
            failure.isRetryable = false
        case .rate:
            failure.code = Int32(PBAY_ERATELIMIT)
            failure.message = "The upstream limits the rate of requests. Try again later."
        case .quota:
            failure.code = Int32(PBAY_ERATELIMIT)
            failure.message = "The upstream's quota for this deployment is used up."
            failure.isRetryable = false
        case .timeout:
            failure.code = Int32(PBAY_ETIMEOUT)
            failure.message = "The upstream ran out of time."
        case .overload:
            failure.code = Int32(PBAY_EOVERLOADED)
            failure.message = "The upstream is overloaded. Try again later."
        case .address:
            failure.message = "The upstream has no such address. Check base_url and api of this deployment."
            failure.isRetryable = false
        case .failure: break
        }
        failure.status = Int32(clamping: status)
        failure.retryAfter = retryAfter
        failure.detail =
            "upstream" + (status == 0 ? "" : " \(status)") + (code.isEmpty ? "" : " \(Self.cleaned(code))")
        if !text.isEmpty { failure.detail += ": \(text)" }
        return failure
    }

    private enum Kind {
        case contextLength, model, request, credentials, rate, quota, timeout, overload, address, failure
    }

    private var kind: Kind {
        switch code {
        case "context_length_exceeded", "exceed_context_size_error", "string_above_max_length": return .contextLength
        case "model_not_found", "DeploymentNotFound": return .model
        case "insufficient_quota": return .quota
        // Google answers 400 where the deployment's key, place or account is at fault.
        case "API_KEY_INVALID", "FAILED_PRECONDITION": return .credentials
        case "overloaded_error": return .overload
        case "content_filter", "content_policy_violation": return .request
        default: break
        }
        switch status {
        case 401, 403, 407: return .credentials
        case 402: return .quota
        case 404: return text.contains("model") ? .model : .address
        case 408, 504, 524: return .timeout
        case 429: return .rate
        case 503, 529: return .overload
        case 400..<500:
            let isLength = ["maximum context length", "context window", "context size", "prompt is too long"]
                .contains { text.contains($0) }
            return isLength ? .contextLength : .request
        case 300..<400: return .address
        case 500...: return .failure
        default: break
        }
        switch code {
        case "rate_limit_exceeded", "rate_limit_error", "rate_limit_reached", "RESOURCE_EXHAUSTED": return .rate
        case "server_overloaded", "overloaded_error", "slow_down", "engine_overloaded", "UNAVAILABLE",
            "insufficient_system_resource":
            return .overload
        case "timeout", "timeout_error", "vector_store_timeout", "DEADLINE_EXCEEDED": return .timeout
        case "invalid_api_key", "authentication_error", "permission_error", "billing_error", "UNAUTHENTICATED",
            "PERMISSION_DENIED":
            return .credentials
        case "invalid_prompt", "invalid_request_error", "invalid_image", "invalid_image_url", "INVALID_ARGUMENT",
            "request_too_large":
            return .request
        case "not_found_error", "NOT_FOUND": return text.contains("model") ? .model : .address
        default: return .failure
        }
    }

    private static func sentence(_ ours: String, _ theirs: String) -> String {
        theirs.isEmpty ? ours + "." : "\(ours): \(theirs)"
    }

    /// One line of at most 300 bytes, without any word that looks like a key.
    static func cleaned(_ text: String) -> String {
        var line = ""
        var count = 0
        let words = text.prefix(2000).split {
            $0.isWhitespace || $0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
        }
        for word in words {
            var shown = String(word)
            let bare = word.drop { !$0.isLetter }
            let isKey = bare.hasPrefix("sk-") || bare.hasPrefix("key-") || bare.hasPrefix("AIza")
            if isKey || line.hasSuffix("Bearer") { shown = "[redacted]" }
            count += shown.utf8.count + 1
            if count > 300 { return line + " …" }
            line += line.isEmpty ? shown : " " + shown
        }
        return line
    }
}
