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
}
