extension KeyConfiguration {
    static let schema = Schema(
        make: { KeyConfiguration() },
        fields: [
            Field("name", \.name, .name, isRequired: true),
            Field("key", \.plain, .secretKey),
            Field("key_sha256", \.sha256, Kind<[UInt8]>.sha256.map { .sha256($0) }),
        ],
        finish: { key, node, path, sink in
            key.marks = MarkTree(node)
            key.path = path
            key.settleSecret(node, path, &sink)
        })

    /// One of `key` and `key_sha256`, and not both.
    private mutating func settleSecret(_ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) {
        guard case .mapping(let entries) = node.content else { return }
        let isPlain = entries.contains { $0.key == "key" }
        let isHashed = entries.contains { $0.key == "key_sha256" }
        if isPlain && isHashed {
            sink.error(marks.keyMark(at: "key_sha256"), "\(path) has both 'key' and 'key_sha256'; write one of them")
        } else if !isPlain && !isHashed {
            sink.error(node.mark, "\(path) needs the key 'key' or 'key_sha256'")
        }
        if case .plain(let text) = plain, text.utf8.count < 16 {
            sink.warning(marks.mark(at: "key"), "\(path).key has fewer than 16 characters, which is easy to guess")
        }
        secret = plain ?? sha256 ?? secret
        plain = nil
        sha256 = nil
    }
}

extension Kind where Value == KeySecret {
    /// What a client can send in a header.
    static var secretKey: Kind {
        Kind<String>.text("a string", isSecret: true).checked { key, _ in
            key.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? nil : "must be printable ASCII without spaces"
        }.map { .plain($0) }
    }
}
