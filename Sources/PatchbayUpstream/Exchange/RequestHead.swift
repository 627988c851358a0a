import NIOCore
import NIOHTTP1

/// Makes the head that goes on the wire, and refuses what could make it mean something else there.
enum RequestHead {
    static func make(
        _ request: UpstreamRequest, uri: String, authority: String, proxy: Destination.Route, userAgent: String
    ) throws(UpstreamRequestError) -> HTTPRequestHead {
        guard isToken(request.method), request.method != "CONNECT" else {
            throw UpstreamRequestError(.invalidRequest, "the method can't be sent: it is no token, or it is CONNECT")
        }
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headers.count + 4)
        var given = Given()
        for (name, value) in request.headers {
            try check(name, value, &given)
            headers.add(name: name, value: value)
        }
        if !given.host { headers.add(name: "host", value: authority) }
        if !given.userAgent { headers.add(name: "user-agent", value: userAgent) }
        let length = request.body.readableBytes
        if length > 0 || ["POST", "PUT", "PATCH"].contains(request.method) {
            headers.add(name: "content-length", value: String(length))
        }
        if case .forward(let proxy) = proxy, let authorization = proxy.authorization {
            headers.add(name: "proxy-authorization", value: authorization)
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: uri, headers: headers)
    }

    private struct Given {
        var host = false
        var userAgent = false
    }

    private static func check(_ name: String, _ value: String, _ given: inout Given) throws(UpstreamRequestError) {
        guard isToken(name) else {
            throw UpstreamRequestError(.invalidRequest, "a header's name is no token of HTTP")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw UpstreamRequestError(.invalidRequest, "the header '\(name)' has a control character in its value")
        }
        // Only names of these lengths mean anything to the connection.
        switch name.utf8.count {
        case 2, 4, 6, 7, 10, 14, 15, 16, 17, 19: break
        default: return
        }
        switch name.lowercased() {
        case "host":
            guard !given.host else { throw UpstreamRequestError(.invalidRequest, "there are two 'host' headers") }
            given.host = true
        case "user-agent":
            given.userAgent = true
        case "connection":
            guard value.lowercased() == "close" else { throw refusal(name, "only 'close' can be asked for") }
        case "accept-encoding":
            guard value.lowercased() == "identity" else { throw refusal(name, "replies are not decompressed") }
        case "content-length", "transfer-encoding":
            throw refusal(name, "the length is that of the body given")
        case "te", "expect", "trailer", "upgrade", "keep-alive", "proxy-connection", "proxy-authorization":
            throw refusal(name, "it belongs to the connection, which is the host's")
        default:
            break
        }
    }

    private static func refusal(_ name: String, _ reason: String) -> UpstreamRequestError {
        UpstreamRequestError(.invalidRequest, "the header '\(name)' can't be set: \(reason)")
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
                    UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
                    true
                default:
                    false
                }
            }
    }
}
