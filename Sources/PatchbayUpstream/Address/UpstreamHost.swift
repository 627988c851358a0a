import NIOCore

/// A host name in lower case, or an IP address.
struct UpstreamHost: Hashable, Sendable {
    /// Without brackets.
    let name: String
    /// The bytes of the address (4 or 16) when it is a literal.
    let address: [UInt8]?

    struct Invalid: Error {
        /// To be read after "the URL".
        let message: String
    }

    /// As it is written in a URL.
    var bracketed: String { address?.count == 16 ? "[\(name)]" : name }

    var isLoopback: Bool {
        guard let address else { return name == "localhost" || name.hasSuffix(".localhost") }
        return address.count == 4 ? address[0] == 127 : address.dropLast().allSatisfy { $0 == 0 } && address[15] == 1
    }

    /// - Parameter name: without brackets, not empty.
    init(name: some Sequence<UInt8>) throws(Invalid) {
        let lowered = name.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
        self.name = String(decoding: lowered, as: UTF8.self)
        address = IPAddressText.parse(self.name)
        if address == nil {
            if lowered.count > 253 { throw Invalid(message: "has a host name of more than 253 bytes") }
            if !lowered.allSatisfy(Self.isNameByte) {
                throw Invalid(message: "has a host name with other than letters, digits, '-', '.' and '_'")
            }
        }
    }

    /// Takes `name`, `name:port`, `[address]` or `[address]:port` apart.
    static func parseAuthority(_ authority: ArraySlice<UInt8>) throws(Invalid) -> (UpstreamHost, port: Int?) {
        var rest = authority
        let name: ArraySlice<UInt8>
        if rest.first == UInt8(ascii: "[") {
            guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { throw Invalid(message: "lacks a ']'") }
            name = rest[(rest.startIndex + 1)..<close]
            rest = rest[(close + 1)...]
        } else {
            let colon = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            name = rest[..<colon]
            rest = rest[colon...]
        }
        if name.isEmpty { throw Invalid(message: "has no host") }
        let host = try UpstreamHost(name: name)
        if authority.first == UInt8(ascii: "["), host.address?.count != 16 {
            throw Invalid(message: "has brackets around what is no IPv6 address")
        }
        guard let colon = rest.first else { return (host, nil) }
        let digits = rest.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port)
        else { throw Invalid(message: "has a port that is no number from 1 to 65535") }
        return (host, port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}
