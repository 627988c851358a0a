/// A forward proxy that speaks HTTP in the clear.
struct UpstreamProxy: Hashable, Sendable {
    let host: UpstreamHost
    let port: Int
    /// The value of `proxy-authorization`.
    let authorization: String?

    /// - Parameter text: `http://user:password@host:port`, of which only the host is needed; the port is 80 if absent
    ///   for a URL as for a bare `host:port`.
    /// - Parameter variable: where it came from, for the error.
    init(_ text: String, variable: String) throws(UpstreamProxyError) {
        var rest = text[...]
        if let range = Self.schemeEnd(of: text) {
            let scheme = text[..<range.lowerBound].lowercased()
            guard scheme == "http" else {
                throw UpstreamProxyError(
                    variable: variable,
                    problem: "names a proxy of the kind '\(scheme.prefix(16))'; only http:// is supported")
            }
            rest = text[range.upperBound...]
        }
        if let slash = rest.firstIndex(of: "/") {
            guard rest[slash...] == "/" else {
                throw UpstreamProxyError(variable: variable, problem: "has a path, which a proxy can't have")
            }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            guard let credentials = Self.percentDecoded(rest[..<at]) else {
                throw UpstreamProxyError(
                    variable: variable, problem: "has a user name or password that is no percent-encoding")
            }
            authorization = "Basic " + Base64.encode(credentials)
            rest = rest[rest.index(after: at)...]
        } else {
            authorization = nil
        }
        do {
            let (host, port) = try UpstreamHost.parseAuthority(Array(rest.utf8)[...])
            self.host = host
            self.port = port ?? 80
        } catch {
            throw UpstreamProxyError(variable: variable, problem: error.message)
        }
    }

    private static func schemeEnd(of text: String) -> Range<String.Index>? {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        return colon..<text.index(colon, offsetBy: 3)
    }

    private static func percentDecoded(_ text: Substring) -> [UInt8]? {
        var result: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            if byte != UInt8(ascii: "%") {
                result.append(byte)
                continue
            }
            guard let high = bytes.next(), let low = bytes.next(),
                let highDigit = Character(Unicode.Scalar(high)).hexDigitValue,
                let lowDigit = Character(Unicode.Scalar(low)).hexDigitValue
            else { return nil }
            result.append(UInt8(highDigit << 4 | lowDigit))
        }
        return result
    }
}
