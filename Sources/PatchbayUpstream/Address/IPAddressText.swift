/// Reads IP addresses as they are written.
enum IPAddressText {
    /// The 4 or 16 bytes of an address in the usual notations; nil for anything else. Zones (`%eth0`) are not taken.
    static func parse(_ text: String) -> [UInt8]? {
        text.utf8.contains(UInt8(ascii: ":")) ? parseV6(text) : parseV4(text)
    }

    private static func parseV4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func parseV6(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        // At most one "::" stands for as many zero groups as are missing.
        var halves: [[UInt8]] = [[]]
        var groups = text.split(separator: ":", omittingEmptySubsequences: false)
        if groups.first?.isEmpty == true {
            guard groups.count > 2, groups[1].isEmpty else { return nil }
            groups.removeFirst()
        }
        if groups.last?.isEmpty == true {
            guard groups.count > 1, groups[groups.count - 2].isEmpty else { return nil }
            groups.removeLast()
        }
        for (index, group) in groups.enumerated() {
            if group.isEmpty {
                guard halves.count == 1 else { return nil }
                halves.append([])
            } else if index == groups.count - 1, let tail = parseV4(group) {
                halves[halves.count - 1] += tail
            } else {
                guard group.utf8.count <= 4, group.utf8.first != UInt8(ascii: "+"),
                    group.utf8.first != UInt8(ascii: "-"), let value = UInt16(group, radix: 16)
                else { return nil }
                halves[halves.count - 1] += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        let count = halves.reduce(0) { $0 + $1.count }
        if halves.count == 1 { return count == 16 ? halves[0] : nil }
        guard count <= 14 else { return nil }
        return halves[0] + [UInt8](repeating: 0, count: 16 - count) + halves[1]
    }
}
