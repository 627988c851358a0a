/// The hosts that are reached directly though a proxy is set: `NO_PROXY`.
///
/// Its entries stand between commas or blanks: `*` (all), a name (itself and its subdomains, with or without a leading
/// `.` or `*.`), an IP address, a network (`10.0.0.0/8`); names and addresses may end in `:port`. What is none of these
/// matches nothing. Loopback is never reached through a proxy, whatever the rules.
struct NoProxyRules: Sendable {
    private enum Rule {
        case all
        case name(String, port: Int?)
        case network([UInt8], bits: Int, port: Int?)
    }

    private let rules: [Rule]

    init(_ text: String = "") {
        rules = text.split { $0 == "," || $0 == " " || $0 == "\t" }.compactMap(Self.rule)
    }

    func matches(_ host: UpstreamHost, port: Int) -> Bool {
        host.isLoopback || rules.contains { Self.matches($0, host, port) }
    }

    private static func matches(_ rule: Rule, _ host: UpstreamHost, _ port: Int) -> Bool {
        switch rule {
        case .all:
            return true
        case .name(let name, let rulePort):
            guard host.address == nil, rulePort == nil || rulePort == port else { return false }
            return host.name == name || host.name.hasSuffix("." + name)
        case .network(let network, let bits, let rulePort):
            guard let address = host.address, address.count == network.count, rulePort == nil || rulePort == port else {
                return false
            }
            return zip(address, network).enumerated().allSatisfy { index, pair in
                let kept = min(max(bits - index * 8, 0), 8)
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
                return pair.0 & mask == pair.1 & mask
            }
        }
    }

    private static func rule(_ entry: Substring) -> Rule? {
        if entry == "*" { return .all }
        if let slash = entry.lastIndex(of: "/") {
            guard let network = IPAddressText.parse(entry[..<slash].lowercased()),
                let bits = Int(entry[entry.index(after: slash)...]), (0...network.count * 8).contains(bits)
            else { return nil }
            return .network(network, bits: bits, port: nil)
        }
        var text = entry[...]
        if text.hasPrefix("*.") { text = text.dropFirst(2) }
        if text.hasPrefix(".") { text = text.dropFirst() }
        // A bare IPv6 address has colons of its own.
        if let address = IPAddressText.parse(text.lowercased()) {
            return .network(address, bits: address.count * 8, port: nil)
        }
        guard let (host, port) = try? UpstreamHost.parseAuthority(Array(text.utf8)[...]) else { return nil }
        if let address = host.address { return .network(address, bits: address.count * 8, port: port) }
        return .name(host.name, port: port)
    }
}
