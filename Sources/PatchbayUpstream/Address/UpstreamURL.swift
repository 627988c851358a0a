import NIOCore

/// The parts of a request's URL that a client needs, checked so that nothing in it can change the request on the wire.
struct UpstreamURL: Equatable {
    let isTLS: Bool
    let host: UpstreamHost
    let port: Int
    /// Path and query as they go into the request line, never empty.
    let target: String

    /// The value of the `host` header.
    var authority: String {
        port == (isTLS ? 443 : 80) ? host.bracketed : "\(host.bracketed):\(port)"
    }

    /// Host and port as `CONNECT` names them.
    var connectAuthority: String { "\(host.bracketed):\(port)" }

    /// The URL without its fragment, as a request through a proxy names it.
    var absoluteForm: String { "\(isTLS ? "https" : "http")://\(authority)\(target)" }

    init(_ text: String) throws(UpstreamRequestError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 16 * 1024 else { throw Self.error("is longer than 16 KiB") }
        let rest: ArraySlice<UInt8>
        if Self.hasScheme("http://", bytes) {
            isTLS = false
            rest = bytes.dropFirst(7)
        } else if Self.hasScheme("https://", bytes) {
            isTLS = true
            rest = bytes.dropFirst(8)
        } else {
            throw Self.error("must begin with http:// or https://")
        }
        // Userinfo may be a password: from here on no message repeats the text.
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let authority = rest[..<(end ?? rest.endIndex)]
        if authority.contains(UInt8(ascii: "@")) {
            throw Self.error("must not hold a user name or password (use a header)")
        }
        (host, port) = try Self.split(authority, defaultPort: isTLS ? 443 : 80)
        target = try Self.target(rest[(end ?? rest.endIndex)...])
    }

    private static func split(
        _ authority: ArraySlice<UInt8>, defaultPort: Int
    ) throws(UpstreamRequestError) -> (UpstreamHost, Int) {
        do {
            let (host, port) = try UpstreamHost.parseAuthority(authority)
            return (host, port ?? defaultPort)
        } catch {
            throw Self.error(error.message)
        }
    }

    private static func target(_ rest: ArraySlice<UInt8>) throws(UpstreamRequestError) -> String {
        let bytes = rest.prefix { $0 != UInt8(ascii: "#") }
        if let bad = bytes.first(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            throw error("has the byte 0x\(String(bad, radix: 16)) in its path or query (percent-encode it)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.first == "/" ? text : "/" + text
    }

    private static func hasScheme(_ scheme: StaticString, _ bytes: [UInt8]) -> Bool {
        let expected = Array(scheme.description.utf8)
        guard bytes.count >= expected.count else { return false }
        return zip(bytes, expected).allSatisfy { byte, expected in
            (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte) == expected
        }
    }

    private static func error(_ what: String) -> UpstreamRequestError {
        UpstreamRequestError(.invalidURL, "the URL \(what)")
    }
}
