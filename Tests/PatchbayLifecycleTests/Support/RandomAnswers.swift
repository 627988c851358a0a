import PatchbayLifecycle

/// A generator of random numbers that gives the same ones every time.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension ProviderEvent {
    /// Up to thirty events that a sane provider may send: all kinds, calls interleaved.
    static func randomAnswer(using random: inout SeededGenerator) -> [ProviderEvent] {
        var events: [ProviderEvent] = []
        var openCalls: [Int] = []
        var calls = 0
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            let text = ["a", "wörd ", "日本", "\"\\\n", ""].randomElement(using: &random) ?? ""
            switch Int.random(in: 0...13, using: &random) {
            case 0, 1, 2: events.append(.text(text))
            case 3: events.append(.refusal(text))
            case 4: events.append(.reasoning(text))
            case 5: events.append(.reasoningSummary(part: Int.random(in: 0...1, using: &random), text))
            case 6: events.append(.reasoningOpaque("opaque"))
            case 7:
                events.append(.toolCall(index: calls, id: Bool.random(using: &random) ? "id\(calls)" : "", name: "f"))
                openCalls.append(calls)
                calls += 1
            case 8:
                if let call = openCalls.randomElement(using: &random) { events.append(.arguments(index: call, text)) }
            case 9:
                if let call = openCalls.randomElement(using: &random) {
                    events.append(.toolCallEnd(index: call))
                    openCalls.removeAll { $0 == call }
                }
            case 10: events.append(.item(Array(#"{"type":"vendor:thing","id":"up_1","x":[1, 2.50]}"#.utf8)))
            case 11: events.append(.annotation(Array(#"{"type":"url_citation","url":"u"}"#.utf8)))
            case 12: events.append(.partEnd)
            default: events.append(.itemEnd)
            }
        }
        return events
    }
}
