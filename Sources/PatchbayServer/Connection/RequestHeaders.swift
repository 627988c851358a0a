import NIOHTTP1
import PatchbayModel

/// What the server wants to know of a request's headers, gathered in one pass.
struct RequestHeaders {
    var authorization: String?
    /// The key as Anthropic's clients send it.
    var apiKey: String?
    /// The client is one of Anthropic's: it says which version of their API it knows.
    var knowsAnthropic = false
    /// The body's length, where it is announced.
    var contentLength: Int?
    var isChunked = false
    var contentType: String?
    /// The body isn't sent as it is, but compressed.
    var isEncoded = false
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue = false
    /// NIO's parser takes no more requests from a connection after one that asks for an upgrade.
    var asksForUpgrade = false

    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// Throws `.invalidRequest` for what two servers on the way could read differently.
    init(_ head: HTTPRequestHead) throws(GatewayError) {
        var hosts = 0
        for (name, value) in head.headers {
            let name = name.utf8
            switch name.count {
            case 4 where name.matches(lowercase: "host"):
                hosts += 1
            case 6 where name.matches(lowercase: "expect"):
                guard value.utf8.matches(lowercase: "100-continue") else {
                    throw Self.malformed("The header Expect may only be '100-continue'.")
                }
                expectsContinue = head.isHTTP11
            case 7 where name.matches(lowercase: "upgrade"):
                asksForUpgrade = true
            case 9 where name.matches(lowercase: "x-api-key"):
                guard apiKey == nil else { throw Self.malformed("There is more than one X-Api-Key header.") }
                apiKey = value
            case 12 where name.matches(lowercase: "content-type"):
                contentType = value
            case 13 where name.matches(lowercase: "authorization"):
                guard authorization == nil else { throw Self.malformed("There is more than one Authorization header.") }
                authorization = value
            case 14 where name.matches(lowercase: "content-length"):
                guard contentLength == nil, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                    let length = Int(value)
                else { throw Self.malformed("The header Content-Length must be one number.") }
                contentLength = length
            case 16 where name.matches(lowercase: "content-encoding"):
                isEncoded = !value.isEmpty && !value.utf8.matches(lowercase: "identity")
            case 17 where name.matches(lowercase: "anthropic-version"):
                knowsAnthropic = true
            case 17 where name.matches(lowercase: "transfer-encoding"):
                guard !isChunked, value.utf8.matches(lowercase: "chunked") else {
                    throw Self.malformed("The only transfer encoding that is understood is 'chunked'.")
                }
                isChunked = true
            default:
                break
            }
        }
        guard !isChunked || contentLength == nil else {
            throw Self.malformed("Content-Length and Transfer-Encoding exclude each other.")
        }
        guard !isChunked || head.isHTTP11 else {
            throw Self.malformed("HTTP/1.0 knows no Transfer-Encoding.")
        }
        guard hosts == 1 || (hosts == 0 && !head.isHTTP11) else {
            throw Self.malformed("A request needs exactly one Host header.")
        }
    }

    /// Throws `.unsupportedMediaType` unless a body is announced as JSON that isn't compressed.
    func checkContentType() throws(GatewayError) {
        guard !isEncoded else {
            throw GatewayError(
                .unsupportedMediaType,
                "The request's body has a Content-Encoding, and none is understood. Send it as it is.",
                code: "unsupported_content_type")
        }
        let type = contentType?.utf8.prefix { $0 != UInt8(ascii: ";") }
        if let type, type.matches(lowercase: "application/json") { return }
        let trimmed = type?.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 }
        if let trimmed, trimmed.matches(lowercase: "application/json") { return }
        throw GatewayError(
            .unsupportedMediaType,
            contentType == nil
                ? "The request has no Content-Type. Send it as 'Content-Type: application/json'."
                : "The request's Content-Type isn't 'application/json', which is the only one that is understood.",
            code: "unsupported_content_type")
    }

    private static func malformed(_ message: String) -> GatewayError {
        GatewayError.invalid(message, param: nil, code: "invalid_http_request")
    }
}

extension HTTPRequestHead {
    /// The parser lets through nothing but HTTP/1.
    var isHTTP11: Bool { version.major == 1 && version.minor >= 1 }
}
