import NIOCore
import PatchbayUpstream
import Testing

@Suite struct NDJSONDecoderTests {
    static func decode(_ pieces: [ArraySlice<UInt8>], limit: Int = 1 << 20) -> [String]? {
        var decoder = NDJSONDecoder(maxLineBytes: limit)
        var lines: [String] = []
        do {
            for piece in pieces {
                decoder.append(ByteBuffer(bytes: piece))
                while let event = try decoder.next() { lines.append(String(buffer: event.data)) }
            }
            if let event = try decoder.finish() { lines.append(String(buffer: event.data)) }
        } catch {
            return nil
        }
        return lines
    }

    @Test("lines end in LF or CRLF, empty ones are left out, the last needs no end")
    func lines() {
        let text = "{\"a\":1}\r\n\n\r\n[2]\n\"x\\ry\rz\"\n3"
        #expect(Self.decode([Array(text.utf8)[...]]) == ["{\"a\":1}", "[2]", "\"x\\ry\rz\"", "3"])
    }

    @Test("every split gives the same lines")
    func splits() {
        let bytes = Array("{\"a\":\"é\"}\r\n\n{}\n\r\n1234567890123456789\nlast\r".utf8)
        let whole = Self.decode([bytes[...]])
        #expect(whole == ["{\"a\":\"é\"}", "{}", "1234567890123456789", "last"])
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let lines = Self.decode([bytes[..<first], bytes[first..<second], bytes[second...]])
                if lines != whole { Issue.record("split at \(first) and \(second)") }
            }
        }
    }

    @Test(
        "garbage of every seed gives the same however it is split, also at a limit", arguments: 0..<200 as Range<UInt64>
    )
    func fuzz(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let bytes =
            (0..<Int.random(in: 0..<80, using: &random)).map { _ in
                [10, 13, 0, 97, 98, 255].randomElement(using: &random) ?? 10
            } as [UInt8]
        let limit = Int.random(in: 0..<12, using: &random)
        let whole = Self.decode([bytes[...]], limit: limit)
        #expect(whole == Self.decode(bytes.indices.map { bytes[$0...$0] }, limit: limit))
        let expected = bytes.split(separator: 10).map { $0.last == 13 ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
        let fits = expected.allSatisfy { $0.count <= limit }
        #expect(whole == (fits ? expected.map { String(decoding: $0, as: UTF8.self) } : nil))
    }
}
