import Foundation
import PatchbayJSON
import Testing

/// Hostile bytes, the same in every run. Foundation's parser gives the second opinion.
@Suite struct FuzzTests {
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func damagedDocumentsAreRefusedOrReadLikeFoundationReadsThem(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let parser = JSONParser()
        var accepted = 0
        var refused = 0
        for _ in 0..<5_000 {
            let bytes = damaged(&random)
            let document: JSONDocument
            do throws(JSONError) {
                document = try parser.parse(bytes)
            } catch {
                refused += 1
                #expect((error.offset ?? 0) <= bytes.count)
                #expect(error.message.hasPrefix("invalid JSON"))
                if isBroken(error, bytes) {
                    #expect(
                        !foundationAccepts(bytes), "only we refuse \(String(decoding: bytes, as: UTF8.self)): \(error)")
                }
                continue
            }
            accepted += 1
            let model = try #require(JSONModel(document.root))
            #expect(JSONModel(try JSONDocument.parse(model.json).root) == model)
            #expect(foundationAccepts(bytes), "only we accept \(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(accepted > 200)
        #expect(refused > 2_000)
    }

    @Test func randomBytesNeverCrash() {
        var random = SeededGenerator(seed: 3)
        let parser = JSONParser()
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? parser.parse(bytes)
        }
    }

    /// A valid document after a few random changes.
    private func damaged(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = random.value(depth: 3).json
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1 where at < bytes.count: bytes.remove(at: at)
            case 2: bytes.removeLast(bytes.count - at)
            case 3: bytes.insert(contentsOf: random.value(depth: 2).json, at: at)
            default: bytes.insert(contentsOf: Self.tokens.randomElement(using: &random)?.utf8 ?? "".utf8, at: at)
            }
        }
        return bytes
    }

    private static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u00", "\\ud800", "\\n", "0", "-", "e", ".", " ", "\n", "null",
        "true",
        "é", "\u{0}", "\"a\":", "1e999", "99999999999999999999",
    ]

    /// Not JSON for anyone. Limits and duplicate keys are rules of ours, ranges of numbers differ, and Foundation is
    /// lenient: with half a surrogate pair, with a comma before a closing bracket, and with NUL, which it takes for
    /// UTF-16.
    private func isBroken(_ error: JSONError, _ bytes: [UInt8]) -> Bool {
        guard error.kind == .syntax || error.kind == .trailing || error.kind == .empty else { return false }
        if let offset = error.offset, offset < bytes.count,
            [UInt8(ascii: "}"), UInt8(ascii: "]")].contains(bytes[offset])
        {
            return false
        }
        return !bytes.prefix(4).contains(0)
    }

    private func foundationAccepts(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }
}
