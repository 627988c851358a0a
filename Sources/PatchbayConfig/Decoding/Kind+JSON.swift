extension Kind where Value == [UInt8] {
    /// A mapping whose schema is somebody else's, as the bytes of a JSON object.
    static var json: Kind {
        Kind(isAbsentWhenNull: true) { node, path, sink in
            guard case .mapping = node.content else {
                if !node.isBroken {
                    sink.error(node.mark, "\(path) must be a mapping, found \(Found.words(for: node))")
                }
                return nil
            }
            return JSONConversion.bytes(of: node, path, &sink)
        }
    }

    /// The 32 bytes of a SHA-256, written as 64 hexadecimal digits.
    static var sha256: Kind {
        Kind.scalar("64 hexadecimal digits", isSecret: true) { scalar in
            let digits = scalar.text.utf8.compactMap { byte in
                byte < 0x80 ? Character(Unicode.Scalar(byte)).hexDigitValue : nil
            }
            guard digits.count == 64, scalar.text.utf8.count == 64 else { return nil }
            return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
    }
}
