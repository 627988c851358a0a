import CPatchbay
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct StoreTests {
    private let record = StoredRecord(
        id: "resp_b", parent: "resp_a", root: "resp_a", created: 5, expires: 9, value: Array("turn".utf8))

    private func store(_ fixture: Fixture, timeout: TimeAmount = .seconds(60)) async throws -> any HistoryStore {
        try await Bench.with(fixture, PluginHostSettings(storeTimeout: timeout, now: { 1234 })).host.store(named: "p")
    }

    private func error(_ body: () async throws -> Void) async -> GatewayError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? GatewayError
        }
    }

    @Test(arguments: ["sync", "thread"])
    func `a record goes to the store whole, with the host's time`(owner: String) async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        try await store.put(record, owner: owner, durable: true)
        #expect(fixture.count("resp_b response resp_a resp_a turn") == 1)
        #expect(fixture.count("precondition") == PBAY_PUT_ABSENT)
        #expect(fixture.count("created") == 5)
        #expect(fixture.count("expires") == 9)
        #expect(fixture.count("now") == 1234)
        #expect(fixture.count("durable") == 1)
        try await store.put(record, owner: owner, durable: false)
        #expect(fixture.count("durable") == 1)
    }

    @Test(arguments: ["sync", "thread"])
    func `a record comes back as the store has it`(owner: String) async throws {
        let store = try await store(try Fixture("store"))
        let found = try await store.get("x", owner: owner)
        #expect(
            found
                == StoredRecord(
                    id: "x", parent: nil, root: "x", created: 11, expires: 22, value: Array("value".utf8), version: 1)
        )
    }

    /// Those that the fixture hands out.
    private static let blobs = [
        StoredBlob(
            hash: "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", data: Array("image".utf8)),
        StoredBlob(hash: String(repeating: "f", count: 64), data: []),
    ]

    @Test func `a record's blobs go to the store in their order`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        var record = record
        record.blobs = Self.blobs + [Self.blobs[0]]
        try await store.put(record, owner: "sync", durable: true)
        let sent = record.blobs.map { " \($0.hash)=\(String(decoding: $0.data, as: UTF8.self))" }.joined()
        #expect(fixture.count("resp_b response resp_a resp_a turn\(sent)") == 1)
    }

    @Test func `a record's blobs come back in their order`() async throws {
        let store = try await store(try Fixture("store"))
        #expect(try await store.get("x", owner: "blobs")?.blobs == Self.blobs)
        #expect(try await store.get("x", owner: "older")?.blobs == [])
    }

    @Test func `blobs count toward the bytes that were asked for`() async throws {
        let store = try await store(try Fixture("store"))
        let exact = try await store.loadChain("x", owner: "blobs", maxDepth: 1, maxBytes: 10)
        #expect(exact?.first?.blobs == Self.blobs)
        let error = await error { _ = try await store.loadChain("x", owner: "blobs", maxDepth: 1, maxBytes: 9) }
        #expect(error?.kind == .storage)
    }

    @Test(arguments: 1...7)
    func `a record with malformed blobs is refused`(number: Int) async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        let error = await error { _ = try await store.get("x", owner: "bad=\(number)") }
        #expect(error?.kind == .storage)
        #expect(error?.message == "Stored data is missing or damaged.")
        #expect(fixture.answers.first == PBAY_CLOSED)
    }

    @Test func `a chain comes root first`() async throws {
        let store = try await store(try Fixture("store"))
        let chain = try await store.loadChain("c", owner: "chain", maxDepth: 3, maxBytes: 3)
        #expect(chain?.map(\.id) == ["a", "b", "c"])
        #expect(chain?.map(\.value) == [Array("1".utf8), Array("2".utf8), Array("3".utf8)])
    }

    @Test func `what isn't found is no error`() async throws {
        let store = try await store(try Fixture("store"))
        let notFound = "fail=\(PBAY_ENOTFOUND)"
        #expect(try await store.get("x", owner: notFound) == nil)
        #expect(try await store.loadChain("x", owner: notFound, maxDepth: 9, maxBytes: 9) == nil)
        #expect(try await store.remove("x", owner: notFound, durable: false) == false)
        #expect(try await store.remove("x", owner: "sync", durable: false))
        #expect(await error { try await store.put(record, owner: notFound, durable: true) }?.kind == .notFound)
    }

    @Test(arguments: [
        (PBAY_ECONFLICT, GatewayError.Kind.conflict), (PBAY_ELIMIT, .tooLarge), (PBAY_EIO, .storage),
        (PBAY_EDATALOSS, .storage), (PBAY_EOVERLOADED, .overloaded), (PBAY_ETIMEOUT, .timeout),
        (PBAY_EINTERNAL, .storage),
        (PBAY_EINVALID, .storage), (-77, .storage),
    ])
    func `a store's error has its meaning, and its details stay with the operator`(code: Int, kind: GatewayError.Kind)
        async throws
    {
        let store = try await store(try Fixture("store"))
        let answered = await error { try await store.put(record, owner: "fail=\(code)", durable: true) }
        #expect(answered?.kind == kind)
        #expect(answered?.message.contains("fire") == false)
        #expect(answered?.detail?.contains("the disk is on fire") == true)
        let refused = await error { try await store.put(record, owner: "refuse=\(code)", durable: true) }
        #expect(refused?.kind == kind)
        #expect(refused?.detail?.contains("the queue is full") == true)
    }

    @Test(arguments: ["none", "other", "hidden", "badutf8", "null", "two"])
    func `a get is answered with the record that was asked for, or not at all`(owner: String) async throws {
        let store = try await store(try Fixture("store"))
        let error = await error { _ = try await store.get("x", owner: owner) }
        #expect(error?.kind == .storage)
        #expect(error?.message == "Stored data is missing or damaged.")
    }

    @Test(arguments: [
        ("none", "begin with"), ("foreign", "begin with"), ("hidden", "begin with"), ("broken", "the chain is broken"),
        ("orphan", "an ancestor is missing"), ("roots", "different roots"),
    ])
    func `a chain that doesn't hold together is refused`(owner: String, detail: String) async throws {
        let store = try await store(try Fixture("store"))
        let error = await error { _ = try await store.loadChain("c", owner: owner, maxDepth: 9, maxBytes: 999) }
        #expect(error?.kind == .storage)
        #expect(error?.detail?.contains(detail) == true)
    }

    @Test func `a store that hands out more than was asked for is cut short`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        let endless = await error { _ = try await store.loadChain("r0", owner: "endless", maxDepth: 10, maxBytes: 999) }
        #expect(endless?.kind == .storage)
        #expect(fixture.answers == [PBAY_CLOSED, 10, PBAY_CLOSED])
        let large = await error { _ = try await store.loadChain("c", owner: "large", maxDepth: 10, maxBytes: 999) }
        #expect(large?.kind == .storage)
        let deep = await error { _ = try await store.loadChain("c", owner: "chain", maxDepth: 2, maxBytes: 999) }
        #expect(deep?.kind == .storage)
        let wide = await error { _ = try await store.loadChain("c", owner: "chain", maxDepth: 3, maxBytes: 2) }
        #expect(wide?.kind == .storage)
    }

    @Test func `a second answer is refused`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        try await store.put(record, owner: "twice", durable: true)
        #expect(fixture.answers == [0, PBAY_CLOSED, PBAY_CLOSED])
    }

    @Test func `a store that never answers is given up, and its late answer is refused`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture, timeout: .milliseconds(10))
        #expect(await error { try await store.put(record, owner: "never", durable: true) }?.kind == .timeout)
        #expect(await error { _ = try await store.get("x", owner: "late") }?.kind == .timeout)
        fixture.go()
        await eventually("the store has answered") { fixture.answers.count == 2 }
        #expect(fixture.answers == [PBAY_CLOSED, PBAY_CLOSED])
    }

    @Test func `several writes go to the store as one batch`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        var job = record
        job.id = "job_b"
        job.kind = .job
        try await store.write(
            [.put(record, if: .absent), .put(job, if: .version(7)), .remove("job_a")], owner: "thread", durable: true)
        #expect(fixture.count("1 resp_b response 1 v0 turn; 1 job_b job 2 v7 turn; 2 job_a  0 v0 ") == 1)
        #expect(fixture.count("durable") == 1)
    }

    @Test func `a list asks for a kind, from a place on`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        let found = try await store.list(.response, owner: "sync", after: "resp_z", limit: 3)
        #expect(found.map(\.id) == ["x"])
        #expect(fixture.count("list response after resp_z limit 3") == 1)
        let error = await error { _ = try await store.list(.job, owner: "sync", after: nil, limit: 3) }
        #expect(error?.kind == .storage, "the fixture lists responses")
    }

    @Test func `a sweep tells the bound, or that there is none`() async throws {
        let fixture = try Fixture("store")
        let store = try await store(fixture)
        try await store.sweep(maxBytes: 77)
        #expect(fixture.count("max") == 77)
        try await store.sweep(maxBytes: nil)
        #expect(fixture.count("max") == 0)
        #expect(fixture.count("sweeps") == 2)
    }

    @Test func `many operations at once get each its own answer`() async throws {
        let store = try await store(try Fixture("store"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let id = "r\(number)"
                    let owner = number % 2 == 0 ? "thread" : "sync"
                    let found = try await store.get(id, owner: owner)
                    #expect(found?.id == id)
                }
            }
            try await group.waitForAll()
        }
    }
}
