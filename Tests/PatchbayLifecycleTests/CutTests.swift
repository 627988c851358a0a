import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Where a conversation is cut, against the rule written out.
@Suite struct CutTests {
    private enum Kind: CaseIterable {
        case user, assistant, call, output, reasoning
    }

    /// Random items, and of each what it is and which call it belongs to.
    private func random(using random: inout SeededGenerator) -> (prompt: Prompt, items: [(kind: Kind, call: Int)]) {
        let items = (0..<Int.random(in: 1...14, using: &random)).map { _ in
            (kind: Kind.allCases.randomElement(using: &random) ?? .user, call: Int.random(in: 0...2, using: &random))
        }
        let bodies = items.map { item in
            switch item.kind {
            case .user: #"{"type":"message","role":"user","content":"x"}"#
            case .assistant: #"{"type":"message","role":"assistant","content":"x"}"#
            case .call: #"{"type":"function_call","call_id":"c\#(item.call)","name":"f","arguments":"{}"}"#
            case .output: #"{"type":"function_call_output","call_id":"c\#(item.call)","output":"x"}"#
            case .reasoning: #"{"type":"reasoning","summary":[]}"#
            }
        }
        return (Prompt(summary: nil, items: bodies.map { Array($0.utf8)[...] }), items)
    }

    @Test func `truncation cuts before the user's words, and never between a call and its output`() {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<3000 {
            let (prompt, items) = random(using: &generator)
            func isOfCall(_ index: Int) -> Bool { items[index].kind == .call || items[index].kind == .output }
            let cuts = items.indices.dropFirst().filter { cut in
                guard items[cut].kind == .user, items[cut - 1].kind != .user else { return false }
                let before = Set((0..<cut).filter(isOfCall).map { items[$0].call })
                return (cut..<items.count).filter(isOfCall).allSatisfy { !before.contains(items[$0].call) }
            }
            let truncation = Truncation(prompt)
            #expect(truncation.count == cuts.count)
            for (turns, cut) in zip(1..., cuts) where turns <= truncation.count {
                #expect(truncation.dropping(turns).items == Array(prompt.items[cut...]))
            }
        }
    }

    @Test func `the tail begins with the user's last words, or where no output is without its call`() {
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<3000 {
            let (prompt, items) = random(using: &generator)
            func isWhole(_ start: Int) -> Bool {
                items[start...].indices.allSatisfy { index in
                    items[index].kind != .output
                        || items[start...].contains { $0.kind == .call && $0.call == items[index].call }
                }
            }
            var expected = items.count - 1
            if let user = items.lastIndex(where: { $0.kind == .user }), user > 0, isWhole(user) {
                expected = user
            } else {
                while expected > 0, !isWhole(expected) { expected -= 1 }
                while expected > 0, items[expected - 1].kind == .reasoning { expected -= 1 }
            }
            #expect(Tail(prompt).start(maxBytes: .max) == (expected > 0 ? expected : nil))
        }
    }
}
