/// A request's target, cut at its query: `/v1/models?limit=3`, or the same with a scheme and a host before it.
struct RequestTarget {
    let path: Substring
    let query: Substring

    /// Nil for anything else, such as `*` or `host:443`, and for what no URL may hold.
    init?(_ target: String) {
        let bytes = target.utf8
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }) else { return nil }
        var start = bytes.startIndex
        if bytes.first != UInt8(ascii: "/") {
            guard
                let slashes = ["http://", "https://"].first(where: {
                    bytes.prefix($0.utf8.count).matches(lowercase: $0)
                }),
                let slash = bytes.dropFirst(slashes.utf8.count).firstIndex(of: UInt8(ascii: "/"))
            else { return nil }
            start = slash
        }
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "?"))
        path = target[start..<(end ?? bytes.endIndex)]
        query = end.map { target[bytes.index(after: $0)...] } ?? ""
    }
}
