import Testing

@testable import PatchbayLifecycle

/// The sealed form: it opens for whom it was made for, with the key that made it, as it was made, and else never.
@Suite struct CompactionKeyTests {
    @Test func `what is sealed opens for its owner alone, whatever the texts and names`() throws {
        var random = SystemRandomNumberGenerator()
        let key = CompactionKey(secret: "a secret of sixteen".utf8)
        for _ in 0..<500 {
            let plain = (0..<Int.random(in: 0...200)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let owner = name(&random)
            var other = name(&random)
            if other == owner { other += "x" }
            let sealed = try key.seal(plain, owner: owner)
            #expect(try key.open(sealed, owner: owner) == plain)
            #expect(throws: CompactionKey.Refusal.damaged) { try key.open(sealed, owner: other) }
        }
    }

    @Test func `any one character changed, and any cut, is refused`() throws {
        let key = CompactionKey(secret: "a secret of sixteen".utf8)
        let sealed = Array(try key.seal(Array("the summary".utf8), owner: "a").utf8)
        for index in sealed.indices {
            for replacement in [UInt8(ascii: "A"), UInt8(ascii: "_"), UInt8(ascii: "=")]
            where sealed[index] != replacement {
                var changed = sealed
                changed[index] = replacement
                #expect(throws: CompactionKey.Refusal.self) {
                    try key.open(String(decoding: changed, as: UTF8.self), owner: "a")
                }
            }
            #expect(throws: CompactionKey.Refusal.self) {
                try key.open(String(decoding: sealed[..<index], as: UTF8.self), owner: "a")
            }
        }
    }

    @Test func `another key is told from damage, and no two sealed texts are the same`() throws {
        let key = CompactionKey(secret: "a secret of sixteen".utf8)
        let sealed = try key.seal([1], owner: "a")
        #expect(try key.seal([1], owner: "a") != sealed)
        #expect(throws: CompactionKey.Refusal.otherKey) {
            try CompactionKey(secret: "a secret of sixteem".utf8).open(sealed, owner: "a")
        }
    }

    @Test func `base64 has one text for one list of bytes`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 71 &+ 13) }
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text.utf8) == bytes)
            #expect(Base64URL.decode((text + "=").utf8) == nil && Base64URL.decode((text + "+").utf8) == nil)
        }
        #expect(Base64URL.decode("AB".utf8) == nil, "bits that say nothing must be zero")
        #expect(Base64URL.decode("A".utf8) == nil)
    }

    private func name(_ random: inout SystemRandomNumberGenerator) -> String {
        String((0..<Int.random(in: 1...4, using: &random)).map { _ in "abc:".randomElement(using: &random) ?? "a" })
    }
}
