import NIOCore
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Hooks that change nothing change nothing: tried with random answers.
@Suite struct HookPropertyTests {
    /// How a hook says that it has nothing to say.
    enum Manner: CaseIterable {
        case proceed, later, sameDocument, sameEvents, mixed
    }

    private static func quiet(_ manner: Manner, _ interest: HookInterest) -> FakeHook {
        FakeHook(interest) { visit, _ in
            let isEven = visit.events.count.isMultiple(of: 2)
            switch (manner, visit.point) {
            case (.sameEvents, .events): return .now(.replaceEvents(visit.events))
            case (.mixed, .events): return isEven ? .later(.replaceEvents(visit.events)) : .now(.proceed)
            case (.sameDocument, .request), (.sameDocument, .historyLoaded):
                return .now(.replace(visit.document?() ?? []))
            case (.later, _), (.mixed, _): return .later(.proceed)
            default: return .now(.proceed)
            }
        }
    }

    /// A stream as its client gets it, the ids in the order in which they come.
    private static func bytes(_ events: [ResponseEvent]) -> String {
        let encoder = ResponsesFormat().makeEncoder()
        var json = JSONWriter()
        var writer = encoder
        for event in events { writer.encode(event, into: &json) }
        var names: [Substring: String] = [:]
        return String(decoding: json.bytes, as: UTF8.self).replacing(
            #/\b(resp|msg|fc|rs|call|vendor|it[a-z]*)_[0-9a-f]{16,}/#
        ) {
            match in
            if let name = names[match.output.0] { return name }
            let name = "\(match.output.1)_\(names.count)"
            names[match.output.0] = name
            return name
        }
    }

    @Test(arguments: 0..<8) func `any chain of hooks that change nothing leaves a stream byte for byte the same`(
        _ seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: 40 + seed)
        for round in 0..<25 {
            let answer = ProviderEvent.randomAnswer(using: &random)
            let outcome: ProviderEnd.Outcome =
                [.stop, .length, .contentFilter, .failed(GatewayError(.provider, "broken"))]
                .randomElement(using: &random) ?? .stop
            let slowly = Bool.random(using: &random)
            let input: [Item] = [.user("a"), .json(#"{"type":"vendor:x","y":[1, 2.50]}"#), .user("b")]
            var request = Request.items(input)
            request.stream = true
            request.fields["tools"] = Array(#"[{"type":"function","name":"f"}]"#.utf8)
            var entries: [HookEntry] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let interest = HookInterest(
                    points: UInt32.random(in: 0..<1024, using: &random),
                    events: UInt32.random(in: 0..<(1 << 14), using: &random) & ~1)
                let manner = Manner.allCases.randomElement(using: &random) ?? .proceed
                entries.append(HookEntry(Self.quiet(manner, interest), budget: .hours(1)))
            }
            let plain = FakeProvider(answer, outcome)
            let hooked = FakeProvider(answer, outcome)
            let stores = (FakeStore(), FakeStore())
            let without = await Self.outcome(Gateway(plain, store: stores.0), request, slowly)
            let with = await Self.outcome(Gateway(hooked, store: stores.1, entries: entries), request, slowly)
            #expect(with == without, "seed \(seed), round \(round)")
            #expect(hooked.requests.map(\.body) == plain.requests.map(\.body))
            #expect(stores.0.records.count == stores.1.records.count)
            for entry in entries {
                #expect(entry.counts.failures + entry.counts.timeouts + entry.counts.rejections == 0)
            }
            for entry in entries {
                guard let log = (entry.hook as? FakeHook)?.log, !log.isEmpty else { continue }
                #expect(log.first == "open" && log.last == "close")
                #expect(log.count { $0 == "open" || $0 == "close" } == 2)
                #expect(log.count { $0 == "persisted" || $0 == "failure" } <= 1)
            }
        }
    }

    private static func outcome(_ gateway: Gateway, _ request: Request, _ slowly: Bool) async -> String {
        do {
            return bytes(try await gateway.streamedTurn(request, slowly: slowly))
        } catch {
            return "\(error)"
        }
    }
}
