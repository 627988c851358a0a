import Crypto
import PatchbayModel

/// Who may ask: the keys' digests and their owners.
///
/// A presented key is hashed before it is looked for, so that how long the search takes says nothing about any key.
package struct KeyRing: Sendable {
    /// The owner of everything where there are no keys.
    package static let anonymous = "anonymous"

    /// One entry under `keys:`.
    package struct Key: Sendable {
        let owner: String
        /// SHA-256 of the key, 32 bytes.
        package let digest: [UInt8]

        /// A key in the clear; only its digest is kept.
        package init(owner: String, key: String) {
            self.owner = owner
            self.digest = KeyRing.digest(key)
        }

        /// The key's SHA-256, 64 hexadecimal digits; nil if it isn't that.
        package init?(owner: String, sha256: String) {
            let digits = Array(sha256.utf8)
            guard digits.count == 64 else { return nil }
            var digest: [UInt8] = []
            for index in stride(from: 0, to: 64, by: 2) {
                guard let high = digits[index].hexValue, let low = digits[index + 1].hexValue else { return nil }
                digest.append(high << 4 | low)
            }
            self.owner = owner
            self.digest = digest
        }
    }

    private let owners: [[UInt8]: String]

    /// All who can own something.
    package var allOwners: [String] { owners.isEmpty ? [Self.anonymous] : Set(owners.values).sorted() }

    /// No keys: everybody is `anonymous`.
    package init(_ keys: [Key] = []) {
        owners = Dictionary(keys.map { ($0.digest, $0.owner) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether clients are known by their keys.
    var hasKeys: Bool { !owners.isEmpty }

    /// The owner of the key in an `Authorization` header, or else in an `X-Api-Key` header, as Anthropic's clients send
    /// it. Throws `.unauthenticated`.
    package func owner(authorization: String?, apiKey: String? = nil) throws(GatewayError) -> String {
        if owners.isEmpty { return Self.anonymous }
        if let apiKey, !apiKey.isEmpty, authorization == nil { return try owner(of: apiKey) }
        guard let authorization, !authorization.isEmpty else {
            throw GatewayError(
                .unauthenticated,
                "You didn't provide an API key. Send it in the header 'Authorization: Bearer YOUR_KEY'.",
                code: "missing_api_key")
        }
        guard let key = Self.bearer(authorization) else {
            throw GatewayError(
                .unauthenticated,
                "The Authorization header isn't understood. It must read 'Authorization: Bearer YOUR_KEY'.",
                code: "invalid_api_key")
        }
        return try owner(of: key)
    }

    private func owner(of key: some StringProtocol) throws(GatewayError) -> String {
        guard let owner = owners[Self.digest(key)] else {
            throw GatewayError(
                .unauthenticated, "Incorrect API key provided. Ask who runs this server for a key.",
                code: "invalid_api_key")
        }
        return owner
    }

    /// The key of `Bearer KEY`; the scheme's name in any case.
    private static func bearer(_ authorization: String) -> Substring? {
        let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].utf8.matches(lowercase: "bearer") else { return nil }
        let key = parts[1].drop { $0 == " " }
        return key.isEmpty || key.utf8.contains(UInt8(ascii: " ")) ? nil : key
    }

    private static func digest(_ key: some StringProtocol) -> [UInt8] {
        Array(SHA256.hash(data: Array(key.utf8)))
    }
}
