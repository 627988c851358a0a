import Logging
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Compaction at the lifecycle's border: what comes out, what the provider is given after it, and who may use it.
@Suite struct CompactionTests {
    private let filler = String(repeating: "lorem ipsum ", count: 40)

    /// A gateway over the provider, with a key of the configuration where one is given.
    private func gateway(_ provider: any Provider, store: (any HistoryStore)? = nil, key: String? = nil) -> Gateway {
        var policy = GatewayPolicy()
        policy.compaction.key = key.map { CompactionKey(secret: $0.utf8) }
        return Gateway(provider, store: store, policy: policy)
    }

    private func code(_ body: () async throws -> Void) async -> (code: String?, param: String?) {
        let error = await #expect(throws: GatewayError.self) { try await body() }
        #expect(error?.kind == .invalidRequest)
        return (error?.code, error?.param)
    }

    @Test func `a compacted conversation is what the user said and one opaque item`() async throws {
        let provider = SummarisingProvider("SUMMARY of it")
        let gateway = gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("one"))
        let result = try await gateway.compacted(.user("two", after: first.id))
        #expect(result.output.map(\.type) == ["message", "message", "compaction"])
        #expect(result.output[0].body == first.output.first.map { _ in Item.user("one").body })
        #expect(result.output[1].body == Item.user("two").body)
        let item = result.output[2]
        #expect(item.id?.hasPrefix("cmp_") == true)
        #expect(String(decoding: item.body, as: UTF8.self).contains("\"pbc1."))
        #expect(!String(decoding: item.body, as: UTF8.self).contains("SUMMARY"))
        #expect(result.usage == Usage(inputTokens: 3, outputTokens: 2))
        let transcript = try #require(provider.bodies.last)
        #expect(transcript.contains("[user]\\none") && transcript.contains("[assistant]\\nanswer"))
        #expect(transcript.contains("[user]\\ntwo"))
    }

    @Test func `a turn with a compaction item gives the provider the summary and what follows it`() async throws {
        let provider = SummarisingProvider("SUMMARY of it")
        let gateway = gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("one"))
        let result = try await gateway.compacted(.user("two", after: first.id))
        let next = try await gateway.turn(.items(result.output + [.user("three")], after: first.id))
        let body = try #require(provider.answers.last)
        #expect(body.contains("SUMMARY of it") && body.contains(#""role":"developer""#) && body.contains("three"))
        #expect(!body.contains(#""one""#) && !body.contains(#""two""#) && !body.contains("pbc1."))
        _ = try await gateway.turn(.user("four", after: next.id))
        let later = try #require(provider.answers.last)
        #expect(later.contains("SUMMARY of it") && later.contains("three") && later.contains("four"))
        #expect(!later.contains(#""one""#) && !later.contains(#""two""#))
    }

    @Test func `an item opens after a restart and at another replica, by the store's key or the configured one`()
        async throws
    {
        let store = FakeStore()
        let stored = try await gateway(SummarisingProvider(), store: store).compacted(.user("one"))
        _ = try await gateway(SummarisingProvider(), store: store).turn(.items(stored.output))
        let configured = try await gateway(SummarisingProvider(), key: "a key of the file").compacted(.user("one"))
        _ = try await gateway(SummarisingProvider(), key: "a key of the file").turn(.items(configured.output))
    }

    @Test func `a key that was changed is named as the reason`() async throws {
        let old = try await gateway(SummarisingProvider(), key: "the key of yesterday").compacted(.user("one"))
        let new = gateway(SummarisingProvider(), key: "the key of today, too")
        let refused = await code { _ = try await new.turn(.items([.user("x"), old.output[1]])) }
        #expect(refused == ("compaction_key_mismatch", "input[1].encrypted_content"))
        let none = await code { _ = try await gateway(SummarisingProvider()).turn(.items([old.output[1]])) }
        #expect(none == ("compaction_key_mismatch", "input[0].encrypted_content"))
    }

    @Test func `another owner's item and a changed one are refused by their path`() async throws {
        let gateway = gateway(SummarisingProvider(), store: FakeStore())
        let item = try await gateway.compacted(.user("one"), owner: "b").output[1]
        let foreign = await code { _ = try await gateway.turn(.items([.user("x"), item])) }
        #expect(foreign == ("invalid_compaction_item", "input[1].encrypted_content"))
        let counted = await code { _ = try await gateway.counted(.items([item])) }
        #expect(counted == ("invalid_compaction_item", "input[0].encrypted_content"))
        var changed = try await gateway.compacted(.user("one")).output[1]
        changed.body[changed.body.count - 20] ^= 1
        let damaged = await code { _ = try await gateway.turn(.items([changed])) }
        #expect(damaged == ("invalid_compaction_item", "input[0].encrypted_content"))
    }

    @Test func `over the threshold a turn begins with a compaction, and later turns begin from it`() async throws {
        let provider = SummarisingProvider("SUMMARY of it")
        let gateway = gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user(filler))
        let second = try await gateway.turn(.user("two", after: first.id).compacting(.above(tokens: 600)))
        #expect(second.output.map(\.type) == ["compaction", "message"])
        #expect(second.usage == Usage(inputTokens: 6, outputTokens: 4))
        let body = try #require(provider.answers.last)
        #expect(body.contains("SUMMARY of it") && body.contains("two") && !body.contains("lorem"))
        #expect(try await gateway.response(second.id, owner: "a") == second)
        _ = try await gateway.turn(.user("three", after: second.id))
        let later = try #require(provider.answers.last)
        #expect(later.contains("SUMMARY of it") && later.contains("three") && !later.contains("lorem"))
        #expect(!later.contains(#""two""#), "what is before the compaction is in the summary")
    }

    @Test func `under the threshold nothing is compacted`() async throws {
        let provider = SummarisingProvider()
        let first = try await gateway(provider, store: FakeStore())
            .turn(.user("one").compacting(.above(tokens: 100_000)))
        #expect(first.output.map(\.type) == ["message"] && provider.bodies.count == 1)
    }

    @Test func `a streamed compaction is added, told and done before the answer`() async throws {
        let gateway = gateway(SummarisingProvider(), store: FakeStore())
        let first = try await gateway.turn(.user(filler))
        let events = try await gateway.streamedTurn(.user("two", after: first.id).compacting(.above(tokens: 600)))
        try StreamRules.check(events)
        guard case .itemAdded(0, .opaque(let item)) = events[2], case .compacting(let place) = events[3],
            case .itemDone(0, _) = events[4]
        else {
            Issue.record("\(events.prefix(5))")
            return
        }
        #expect(place == ItemReference(index: 0, id: item.id ?? "") && item.type == "compaction")
    }

    @Test func `a trigger gives a compaction and no answer`() async throws {
        let provider = SummarisingProvider("SUMMARY of it")
        let gateway = gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("one"))
        let trigger = Item.json(#"{"type":"compaction_trigger"}"#)
        let second = try await gateway.turn(.items([trigger], after: first.id).compacting(.now))
        #expect(second.status == .completed && second.output.map(\.type) == ["compaction"])
        _ = try await gateway.turn(.user("three", after: second.id))
        let body = try #require(provider.answers.last)
        #expect(body.contains("SUMMARY of it") && !body.contains("compaction_trigger") && !body.contains(#""one""#))
    }

    @Test(arguments: [
        ProviderEnd.Outcome.failed(GatewayError(.provider, "broken")), .contentFilter,
    ])
    func `a summariser that fails leaves a turn uncompacted, and what asks for nothing else fails`(
        outcome: ProviderEnd.Outcome
    ) async throws {
        let provider = SummarisingProvider(summary: outcome)
        let store = FakeStore()
        let gateway = gateway(provider, store: store)
        let first = try await gateway.turn(.user(filler))
        let second = try await gateway.turn(.user("two", after: first.id).compacting(.above(tokens: 600)))
        #expect(second.output.map(\.type) == ["message"] && provider.answers.last?.contains("lorem") == true)
        let before = store.records.count
        await #expect(throws: GatewayError.self) {
            try await gateway.turn(.user("three", after: second.id).compacting(.now))
        }
        await #expect(throws: GatewayError.self) { try await gateway.compacted(.user("three", after: second.id)) }
        #expect(store.records.count == before)
    }

    @Test func `a summary has a limit, and is one when it was cut there`() async throws {
        let provider = SummarisingProvider("SUMMARY", summary: .length)
        let gateway = gateway(provider, store: FakeStore())
        let compacted = try await gateway.compacted(.user("one"))
        #expect(compacted.output.last?.type == "compaction")
        #expect(provider.bodies.last?.contains(#""max_output_tokens":1024"#) == true)
    }

    @Test func `a summary of nothing is no summary`() async throws {
        let error = await #expect(throws: GatewayError.self) {
            try await gateway(SummarisingProvider(" \n")).compacted(.user("one"))
        }
        #expect(error?.code == "compaction_failed")
    }

    @Test func `an upstream's own compaction item passes as it is, and can't be compacted here`() async throws {
        let provider = SummarisingProvider()
        let gateway = gateway(provider, store: FakeStore())
        let item = Item.json(#"{"type":"compaction","encrypted_content":"gAAAA"}"#)
        _ = try await gateway.turn(.items([.user("one"), item, .user("two")]))
        let body = try #require(provider.answers.last)
        #expect(body.contains(#"{"type":"compaction","encrypted_content":"gAAAA"}"#) && body.contains("one"))
        let refused = await code { _ = try await gateway.compacted(.items([item])) }
        #expect(refused.code == "compaction_not_readable")
    }

    @Test func `a tool's call and its output are never taken apart`() async throws {
        let provider = SummarisingProvider("SUMMARY of it")
        let call = Item.json(#"{"type":"function_call","call_id":"c9","name":"f","arguments":"{}"}"#)
        let items = [.user(filler), call, .output(of: "c9", filler)] as [Item]
        _ = try await gateway(provider).turn(.items(items).compacting(.above(tokens: 300)))
        let body = try #require(provider.answers.last)
        #expect(body.contains("SUMMARY of it") && body.contains("function_call\",\"call_id\":\"c9"))
        #expect(body.contains("function_call_output") && !body.contains(#""role":"user""#))
    }

    @Test func `an output whose call was compacted away is refused, in the input and in the history`() async throws {
        let gateway = gateway(SummarisingProvider(), store: FakeStore())
        let call = Item.json(#"{"type":"function_call","call_id":"c9","name":"f","arguments":"{}"}"#)
        let item = try await gateway.compacted(.items([.user("one"), call])).output[1]
        let refused = await code { _ = try await gateway.turn(.items([call, item, .output(of: "c9", "x")])) }
        #expect(refused == ("tool_call_not_found", "input[2].call_id"))
        let first = try await gateway.turn(.items([.user("one"), call]))
        let trigger = Item.json(#"{"type":"compaction_trigger"}"#)
        let second = try await gateway.turn(.items([trigger], after: first.id).compacting(.now))
        _ = try await gateway.turn(.items([.output(of: "c9", "x")], after: first.id))
        let later = await code { _ = try await gateway.turn(.items([.output(of: "c9", "x")], after: second.id)) }
        #expect(later == ("tool_call_not_found", "input[0].call_id"))
    }

    @Test func `a key that the store lost is put back when it is next needed`() async throws {
        let store = FakeStore()
        let gateway = gateway(SummarisingProvider(), store: store)
        let first = try await gateway.compacted(.user("one"))
        store.lose(CompactionVault.recordID)
        _ = try await gateway.compacted(.user("two"))
        _ = try await self.gateway(SummarisingProvider(), store: store).turn(.items(first.output))
    }
}
