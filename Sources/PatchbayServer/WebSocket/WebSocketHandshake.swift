import Crypto
import NIOCore
import NIOHTTP1
import PatchbayModel

/// A request to speak WebSocket on this connection from now on (RFC 6455, 4.2).
struct WebSocketHandshake {
    private var key: String?
    private var version: String?
    private var origin: String?
    private var host: String?
    private let hasBody: Bool

    /// Nil: the request asks for no WebSocket.
    init?(_ head: HTTPRequestHead, _ headers: RequestHeaders) {
        guard headers.asksForUpgrade, head.method == .GET, head.isHTTP11 else { return nil }
        var (names, asks) = (false, false)
        hasBody = headers.hasBody
        for (name, value) in head.headers {
            let name = name.utf8
            switch name.count {
            case 4 where name.matches(lowercase: "host"): host = value
            case 6 where name.matches(lowercase: "origin"): origin = value
            case 7 where name.matches(lowercase: "upgrade"): names = names || value.lists("websocket")
            case 10 where name.matches(lowercase: "connection"): asks = asks || value.lists("upgrade")
            case 17 where name.matches(lowercase: "sec-websocket-key"): key = value
            case 21 where name.matches(lowercase: "sec-websocket-version"): version = value
            default: break
            }
        }
        guard names, asks else { return nil }
    }

    /// Why the handshake is refused: an error, its status, and lines for the answer's head.
    struct Refusal: Error {
        var error: GatewayError
        var status: HTTPStatus
        var headers: StaticString = ""
    }

    /// The answer to the handshake's key. `hasKeys`: the server knows its clients by their keys.
    func accept(isEnabled: Bool, hasKeys: Bool) throws(Refusal) -> String {
        guard isEnabled else {
            throw Refusal(
                error: .invalid(
                    "This server speaks no WebSocket (server.websocket.enabled). Use POST /v1/responses with \"stream\": true.",
                    param: nil, code: "websocket_disabled"),
                status: .upgradeRequired, headers: "upgrade: HTTP/1.1\r\n")
        }
        guard version == "13" else {
            throw Refusal(
                error: .invalid(
                    "The header Sec-WebSocket-Version must be 13.", param: nil, code: "invalid_websocket_handshake"),
                status: .upgradeRequired, headers: "upgrade: websocket\r\nsec-websocket-version: 13\r\n")
        }
        guard let key, Base64.isText(key, ofByteCount: 16) else {
            throw Refusal(
                error: .invalid(
                    "The header Sec-WebSocket-Key must be 16 bytes in base64.", param: nil,
                    code: "invalid_websocket_handshake"),
                status: .badRequest)
        }
        guard !hasBody else {
            throw Refusal(
                error: .invalid(
                    "A WebSocket's handshake has no body.", param: nil, code: "invalid_websocket_handshake"),
                status: .badRequest)
        }
        guard hasKeys || isOfThisHost else {
            throw Refusal(
                error: .invalid(
                    "A page of another origin may not use this server, which asks for no key.", param: nil,
                    code: "origin_not_allowed"),
                status: .forbidden)
        }
        return Base64.text(of: Insecure.SHA1.hash(data: Array((key + Self.guid).utf8)))
    }

    /// A browser lets every page open a WebSocket to any host, and says which page it is. Where there are no keys, that
    /// is all that tells a page from a program.
    private var isOfThisHost: Bool {
        guard let origin else { return true }
        guard let host else { return false }
        return origin.utf8.matches(lowercase: "http://" + host.lowercased())
            || origin.utf8.matches(lowercase: "https://" + host.lowercased())
    }

    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
}

extension String {
    /// Whether a header's value, a list with commas, has `word` (in lower case).
    fileprivate func lists(_ word: String) -> Bool {
        utf8.split(separator: UInt8(ascii: ",")).contains { part in
            let start = part.drop { $0 == 0x20 || $0 == 0x09 }
            return start.prefix { $0 != 0x20 && $0 != 0x09 }.matches(lowercase: word)
        }
    }
}
