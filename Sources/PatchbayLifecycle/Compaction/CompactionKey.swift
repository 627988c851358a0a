import Crypto

/// The key that makes compaction items opaque, and the only one that opens them again.
///
/// A sealed text is `pbc1.` and base64 (of URLs, without padding) of: the key's mark (4 bytes, tells one key from
/// another and nothing about it), a nonce (12), the ciphertext, a tag (16): ChaCha20-Poly1305. The owner's name is
/// authenticated with it, so that a text opens for its owner alone.
package struct CompactionKey: Sendable {
    /// Where a text that this host sealed begins; `1` is the version of the form.
    static let prefix = "pbc1."

    /// Why a text doesn't open.
    enum Refusal: Error, Equatable {
        /// It was made with another key.
        case otherKey
        /// It isn't what was sealed, or it was for another owner.
        case damaged
    }

    let mark: [UInt8]
    private let key: SymmetricKey

    /// `secret`: text of a configuration, or random bytes.
    package init(secret: some Sequence<UInt8>) {
        let material = SymmetricKey(data: Array(secret))
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, salt: Array("patchbay.compaction".utf8), info: Array("key/1".utf8),
            outputByteCount: 32)
        let mark = HMAC<SHA256>.authenticationCode(for: Array("patchbay.compaction mark/1".utf8), using: material)
        self.mark = Array(mark.prefix(4))
    }

    /// Throws only for a defect of the library.
    func seal(_ plain: [UInt8], owner: String) throws -> String {
        let box = try ChaChaPoly.seal(plain, using: key, authenticating: Self.bound(to: owner))
        return Self.prefix + Base64URL.encode(mark + Array(box.combined))
    }

    func open(_ text: String, owner: String) throws(Refusal) -> [UInt8] {
        guard let bytes = Self.bytes(of: text) else { throw .damaged }
        guard bytes.prefix(4).elementsEqual(mark) else { throw .otherKey }
        guard let box = try? ChaChaPoly.SealedBox(combined: bytes.dropFirst(4)),
            let plain = try? ChaChaPoly.open(box, using: key, authenticating: Self.bound(to: owner))
        else { throw .damaged }
        return Array(plain)
    }

    /// Whether it has the mark of this key.
    func made(_ text: String) -> Bool {
        Self.bytes(of: text)?.prefix(4).elementsEqual(mark) ?? false
    }

    private static func bytes(of text: String) -> [UInt8]? {
        guard text.hasPrefix(prefix), let bytes = Base64URL.decode(text.utf8.dropFirst(prefix.utf8.count)),
            bytes.count >= 4 + 12 + 16
        else { return nil }
        return bytes
    }

    private static func bound(to owner: String) -> [UInt8] {
        Array("patchbay.compaction/1:\(owner)".utf8)
    }
}
