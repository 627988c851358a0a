import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What a hook may put in the place of events.
@Suite struct EventFilterTests {
    private let item = ProviderEvent.item(Array(#"{"type":"vendor:thing"}"#.utf8))

    /// What is wrong with replacing events; nil if nothing is.
    private func problem(
        _ shown: [ProviderEvent], by events: [ProviderEvent], after before: [ProviderEvent] = []
    ) -> String? {
        var filter = EventFilter()
        filter.pass(before[...])
        do throws(HookFault) {
            try filter.replace(shown[...], by: events)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `text stays of its kind, in this visit or the one before`() {
        #expect(problem([.text("a")], by: [.text("b"), .text("c")]) == nil)
        #expect(problem([.text("a")], by: []) == nil)
        #expect(problem([item], by: [.text("held"), item], after: [.text("held")]) == nil)
        #expect(problem([.text("a")], by: [.refusal("a")])?.contains("kind 2") == true)
        #expect(problem([.reasoning("a")], by: [.text("a")])?.contains("kind 1") == true)
        #expect(problem([.reasoningSummary(part: 0, "a")], by: [.reasoningSummary(part: 1, "a")]) != nil)
        #expect(problem([.arguments(index: 0, "a")], by: [.arguments(index: 1, "a")]) != nil)
        #expect(problem([], by: [.text("a")]) != nil)
    }

    @Test func `other events are changed or left out, and never added`() {
        #expect(problem([item], by: []) == nil)
        #expect(problem([item], by: [.item(Array(#"{"type":"vendor:other"}"#.utf8))]) == nil)
        #expect(problem([item], by: [item, item])?.contains("added") == true)
        #expect(problem([.text("a")], by: [.partEnd])?.contains("added") == true)
        #expect(problem([.itemEnd], by: [.partEnd])?.contains("added") == true)
        #expect(problem([item], by: [item], after: [item, item]) == nil)
        #expect(problem([.text("a")], by: [item], after: [item])?.contains("added") == true)
    }

    @Test func `calls keep their numbers, and JSON stays JSON`() {
        let call = ProviderEvent.toolCall(index: 2, id: "a", name: "f")
        #expect(problem([call], by: [.toolCall(index: 2, id: "a", name: "g")]) == nil)
        #expect(problem([call], by: [.toolCall(index: 3, id: "a", name: "f")]) != nil)
        #expect(problem([call], by: [.toolCall(index: 2, id: "a", name: "")]) != nil)
        #expect(problem([.toolCallEnd(index: 2)], by: [.toolCallEnd(index: 3)]) != nil)
        #expect(problem([item], by: [.item(Array("{".utf8))])?.contains("malformed") == true)
        #expect(problem([item], by: [.item(Array("{}".utf8))])?.contains("malformed") == true)
        #expect(problem([.logprobs(Array("[]".utf8))], by: [.logprobs(Array("{}".utf8))]) != nil)
        #expect(problem([.annotation(Array("{}".utf8))], by: [.annotation(Array("1".utf8))]) != nil)
    }

    @Test func `a call's arguments come between its begin and its end`() {
        let (begin, end) = (ProviderEvent.toolCall(index: 0, id: "a", name: "f"), ProviderEvent.toolCallEnd(index: 0))
        let text = ProviderEvent.arguments(index: 0, "{}")
        #expect(problem([begin, text, end], by: [begin, text, text, end]) == nil)
        #expect(problem([begin, text, end], by: [text, begin, end]) != nil)
        #expect(problem([begin, text, end], by: [begin, end, text])?.contains("arguments") == true)
        #expect(problem([begin, text, end], by: [end, begin, text]) != nil)
        #expect(problem([text, end], by: [end, text], after: [begin])?.contains("arguments") == true)
        #expect(problem([.text("a")], by: [text], after: [begin, text, end])?.contains("arguments") == true)
        #expect(problem([begin, text, end], by: [text, end]) == nil, "it is left out whole")
        #expect(problem([text], by: [text]) == nil, "the provider's own nonsense is the provider's")
    }

    @Test func `arguments may be held back for as long as their call hasn't ended`() throws {
        let begins = [0, 1].map { ProviderEvent.toolCall(index: $0, id: "c\($0)", name: "f") }
        var filter = EventFilter()
        filter.pass(begins[...])
        try filter.replace([.arguments(index: 0, "{}")], by: [])
        try filter.replace([.arguments(index: 1, "{")], by: [])
        try filter.replace([.arguments(index: 1, "}")], by: [])
        try filter.replace(
            [.toolCallEnd(index: 0)], by: [.arguments(index: 0, "{}"), .toolCallEnd(index: 0)])
        // An end that the hook doesn't ask for goes by.
        let isKept = filter.passBy(.toolCallEnd(index: 1))
        #expect(isKept)
        #expect(throws: HookFault.self) {
            var filter = filter
            try filter.replace([.text("a")], by: [.arguments(index: 1, "{}")])
        }
    }

    @Test(arguments: [HookEntry.OnError.failOpen, .failClosed])
    func `arguments in the wrong place are the hook's failure and not the provider's`(onError: HookEntry.OnError)
        async throws
    {
        let hook = FakeHook(HookInterest([.events])) { visit, _ in .now(.replaceEvents(visit.events.reversed())) }
        let entry = HookEntry(hook, onError: onError, budget: .seconds(60))
        let gateway = Gateway(FakeProvider(call(0, "f")), entries: [entry])
        if onError == .failOpen {
            #expect(try await gateway.turn(.user("q")).output.map(\.type) == ["function_call"])
        } else {
            let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
            #expect(error?.code == "hook_failed")
        }
        #expect(entry.counts.failures == 1)
    }
}
