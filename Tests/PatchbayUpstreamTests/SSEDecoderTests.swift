import NIOCore
import PatchbayUpstream
import Testing

@Suite struct SSEDecoderTests {
    /// An event as text: name, data, id, retry.
    struct Plain: Equatable, CustomStringConvertible {
        var name: String?
        var data: String
        var id: String?
        var retry: Int?
        var description: String { "\(name ?? "-")|\(data.debugDescription)|\(id ?? "-")|\(retry ?? -1)" }

        init(_ data: String, name: String? = nil, id: String? = nil, retry: Int? = nil) {
            (self.name, self.data, self.id, self.retry) = (name, data, id, retry)
        }

        init(_ event: SSEEvent) {
            self.init(
                String(buffer: event.data), name: event.name.map { String(buffer: $0) },
                id: event.id.map { String(buffer: $0) }, retry: event.retry)
        }
    }

    struct Run: Equatable {
        var events: [Plain] = []
        var failed = false
        var endsInside = false
    }

    static func decode(_ pieces: [ArraySlice<UInt8>], limit: Int = 1 << 20) -> Run {
        var decoder = SSEDecoder(maxEventBytes: limit)
        var run = Run()
        do {
            for piece in pieces {
                decoder.append(ByteBuffer(bytes: piece))
                while let event = try decoder.next() { run.events.append(Plain(event)) }
            }
            run.endsInside = decoder.endsInsideEvent
        } catch {
            run.failed = true
        }
        return run
    }

    static func decode(_ text: String) -> [Plain] {
        decode([Array(text.utf8)[...]]).events
    }

    @Test(
        "an event is what the specification says",
        arguments: [
            ("data: a\n\n", [Plain("a")]),
            ("data:a\n\n", [Plain("a")]),
            ("data:  a\n\n", [Plain(" a")]),
            ("data: a\ndata: b\n\n", [Plain("a\nb")]),
            ("data\n\n", [Plain("")]),
            ("data:\ndata:\n\n", [Plain("\n")]),
            ("data\ndata: x\ndata\n\n", [Plain("\nx\n")]),
            ("event: e\ndata: a\n\n", [Plain("a", name: "e")]),
            ("data: a\nevent: e\nevent: f\n\n", [Plain("a", name: "f")]),
            ("event: e\nevent\ndata: a\n\n", [Plain("a")]),
            ("event: e\n\ndata: a\n\n", [Plain("a")]),
            ("id: 1\ndata: a\n\ndata: b\n\n", [Plain("a", id: "1"), Plain("b")]),
            ("id: 7\n\ndata: a\n\n", [Plain("a", id: "7")]),
            ("id\ndata: a\n\n", [Plain("a", id: "")]),
            ("id: 1\u{0}2\ndata: a\n\n", [Plain("a")]),
            ("retry: 1500\ndata: a\n\n", [Plain("a", retry: 1500)]),
            ("retry: 15x\ndata: a\n\n", [Plain("a")]),
            ("retry:\ndata: a\n\n", [Plain("a")]),
            ("retry: 9999999999999999999999\ndata: a\n\n", [Plain("a")]),
            (": comment\n\n: another\ndata: a\n\n", [Plain("a")]),
            ("dat: a\ndatax: b\n data: c\nDATA: d\nidx: e\neventy: f\nretryx: 1\nd\n\ndata: a\n\n", [Plain("a")]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", [Plain("a"), Plain("b")]),
            ("data: a\r\rdata: b\r\r", [Plain("a"), Plain("b")]),
            ("data: a\r\n\ndata: b\n\r\n", [Plain("a"), Plain("b")]),
            ("\u{FEFF}data: a\n\n", [Plain("a")]),
            ("\u{FEFF}\u{FEFF}data: a\n\n", []),
            ("data: a\n\n\u{FEFF}data: b\n\n", [Plain("a")]),
            ("data: a\n", []),
            ("data: a", []),
            ("\n\n\n", []),
            ("", []),
            ("data: é😀\n\n", [Plain("é😀")]),
            ("data: [DONE]\n\n", [Plain("[DONE]")]),
        ])
    func specification(text: String, expected: [Plain]) {
        #expect(Self.decode(text) == expected)
    }

    static let transcript = """
        \u{FEFF}: hello\r\nevent: response.created\r\ndata: {"a":1}\r\n\r\nid: 3\rdata: x\rdata: y\r\r\
        data: {"delta":"é😀"}\n\nretry: 10\n\nevent: e\n\ndata\n\n: ping\n\ndata: [DONE]\n\ndata: cut
        """

    @Test("every split of a transcript into two and three gives the same events")
    func splits() {
        let bytes = Array(Self.transcript.utf8)
        let whole = Self.decode([bytes[...]])
        #expect(whole.events.count == 5)
        #expect(whole.endsInside)
        for first in 0...bytes.count {
            #expect(Self.decode([bytes[..<first], bytes[first...]]) == whole, "split at \(first)")
            for second in first...bytes.count {
                let run = Self.decode([bytes[..<first], bytes[first..<second], bytes[second...]])
                if run != whole { Issue.record("split at \(first) and \(second)") }
            }
        }
        #expect(Self.decode(bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    @Test(
        "garbage of every seed gives the same however it is split, also at a limit", arguments: 0..<400 as Range<UInt64>
    )
    func fuzz(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let words = [
            "data:", "data", "event: ", "id:", "retry: 5", ":", " ", "\n", "\r", "\r\n", "\n\n", "x", "\u{FEFF}",
            "\u{0}",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0..<60, using: &random) {
            if Int.random(in: 0..<8, using: &random) == 0 {
                bytes.append(UInt8.random(in: 0...255, using: &random))
            } else {
                bytes += Array((words.randomElement(using: &random) ?? "").utf8)
            }
        }
        let limit = Bool.random(using: &random) ? 1 << 20 : Int.random(in: 0..<24, using: &random)
        let whole = Self.decode([bytes[...]], limit: limit)
        #expect(whole == Self.reference(bytes, limit: limit))
        for _ in 0..<20 {
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...6, using: &random))
                pieces.append(piece)
                rest = rest.dropFirst(piece.count)
            }
            #expect(Self.decode(pieces, limit: limit) == whole)
        }
    }

    /// The specification's algorithm, written down plainly.
    static func reference(_ input: [UInt8], limit: Int) -> Run {
        var run = Run()
        var bytes = input[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        let isPartOfMark = [[0xEF], [0xEF, 0xBB]].contains(Array(bytes)) && bytes.count == input.count
        var data: [UInt8]?
        var event = Plain("")
        var size = 0
        while let end = bytes.firstIndex(where: { $0 == 10 || $0 == 13 }) {
            let line = bytes[bytes.startIndex..<end]
            let isPair = bytes[end] == 13 && end + 1 < bytes.endIndex && bytes[end + 1] == 10
            bytes = bytes[(end + (isPair ? 2 : 1))...]
            if line.isEmpty {
                if let found = data {
                    event.data = String(decoding: found, as: UTF8.self)
                    run.events.append(event)
                    event = Plain("")
                }
                (data, event.name, size) = (nil, nil, 0)
                continue
            }
            if size + line.count > limit { return Run(events: run.events, failed: true) }
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            var value = line[colon...].dropFirst()
            if value.first == 0x20 { value = value.dropFirst() }
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "data":
                data = data.map { $0 + [10] + value } ?? Array(value)
                size += line.count
            case "event":
                event.name = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
                size += line.count
            case "id" where !value.contains(0):
                event.id = String(decoding: value, as: UTF8.self)
                size += line.count
            case "retry" where !value.isEmpty && value.count <= 15 && value.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }:
                event.retry = Int(String(decoding: value, as: UTF8.self))
            default: break
            }
        }
        if !isPartOfMark, size + bytes.count > limit { return Run(events: run.events, failed: true) }
        run.endsInside = data != nil || !bytes.isEmpty
        return run
    }

    @Test("an event over the limit is an error before it is kept whole")
    func limit() throws {
        var decoder = SSEDecoder(maxEventBytes: 64)
        decoder.append(ByteBuffer(string: "data: " + String(repeating: "x", count: 58)))
        #expect(try decoder.next() == nil)
        decoder.append(ByteBuffer(string: "x"))
        #expect(throws: FramingLimitError.self) { try decoder.next() }
    }

    @Test("many data lines count together, many comments do not")
    func limitOfLines() {
        let lines = String(repeating: "data: 1234\n", count: 10)
        #expect(Self.decode([Array(lines.utf8)[...]], limit: 99).failed)
        #expect(!Self.decode([Array(lines.utf8)[...]], limit: 100).failed)
        let comments = String(repeating: ": 12345678\n", count: 10)
        #expect(!Self.decode([Array(comments.utf8)[...]], limit: 10).failed)
    }

    @Test("a long event that comes byte by byte, in lines and in one, is decoded")
    func drip() throws {
        for line in [
            "data: " + String(repeating: "x", count: 200_000) + "\n\n",
            String(repeating: "data: x\n", count: 25_000) + "\n",
        ] {
            var decoder = SSEDecoder(maxEventBytes: 1 << 20)
            var events = 0
            for byte in line.utf8 {
                decoder.append(ByteBuffer(bytes: [byte]))
                if try decoder.next() != nil { events += 1 }
            }
            #expect(events == 1)
        }
    }
}
