import Testing

@testable import PatchbayConfig

@Suite struct FuzzTests {
    /// SplitMix64: the same cases in every run.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    /// A value or at least one error, and every diagnostic inside the file, by position, on one line.
    private func check(_ bytes: [UInt8]) {
        let outcome = load(bytes: bytes, ["A": "a", "PATCHBAY_KEY_A": "k"])
        let lines =
            bytes.count {
                $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9
            } + 1
        let marks = outcome.diagnostics.map(\.mark)
        let isSound =
            marks.allSatisfy { (1...lines + 1).contains($0.line) && (1...bytes.count + 2).contains($0.column) }
            && marks == marks.sorted()
            && outcome.diagnostics.allSatisfy { !$0.message.isEmpty && !$0.message.contains("\n") }
            && (outcome.configuration != nil || outcome.diagnostics.contains { $0.severity == .error })
        #expect(isSound, "\(outcome.lines) for \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }

    @Test("mutations of a sound file never crash and always give a value or errors with a place", arguments: 0..<8)
    func mutations(_ seed: UInt64) {
        var random = Random(state: seed)
        let source = Array(ContractTests.sample.utf8)
        let pieces = [
            "{", "}", "[", "]", ":", "- ", "*", "&a ", "<<: *a", "${", "\n", "\t", "\"", "'", "|\n", "#", "!!int ",
            "---\n", "? ", "\u{2028}", "\0",
        ]
        for _ in 0..<250 {
            var bytes = source
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "x").utf8, at: place)
                case 3: bytes.removeSubrange(place..<min(place + Int.random(in: 0..<40, using: &random), bytes.count))
                default:
                    let end = min(place + Int.random(in: 0..<60, using: &random), bytes.count)
                    let part = Array(bytes[place..<end])
                    bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &random))
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            check(bytes)
        }
    }

    @Test("random bytes never crash", arguments: 100..<104)
    func noise(_ seed: UInt64) {
        var random = Random(state: seed)
        let alphabet = Array("{}[]:-,*&!|>'\"%@`#?~$<> \n\tabc019._é".utf8)
        for round in 0..<500 {
            let count = Int.random(in: 0...200, using: &random)
            check(
                (0..<count).map { _ in
                    round % 4 == 0
                        ? UInt8.random(in: .min ... .max, using: &random)
                        : alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                })
        }
    }
}
