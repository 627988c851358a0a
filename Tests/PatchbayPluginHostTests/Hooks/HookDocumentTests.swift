import CPatchbay
import PatchbayLifecycle
import Synchronization
import Testing

@testable import PatchbayPluginHost

@Suite struct HookDocumentTests {
    /// A document that counts how often it is made.
    private final class Source: Sendable {
        let made = Atomic<Int>(0)
        var visit: HookVisit {
            HookVisit(.request) {
                self.made.add(1, ordering: .relaxed)
                return Array(#"{"document":1}"#.utf8)
            }
        }
    }

    @Test func `a document is made when it is asked for, and once`() async throws {
        let bench = try await HookBench()
        let source = Source()
        let session = try await bench.open("ok|doc doc|late doc proceed|ok")
        _ = try await session.visit(source.visit).verdict
        #expect(source.made.load(ordering: .relaxed) == 0)
        _ = try await session.visit(source.visit).verdict
        #expect(source.made.load(ordering: .relaxed) == 1)
        #expect(bench.fixture.text("doc") == #"{"document":1}"#)
        bench.fixture.go()
        _ = try await session.visit(source.visit).verdict
        #expect(source.made.load(ordering: .relaxed) == 2)
        // No point's document is that of another.
        _ = try await session.visit(HookVisit(.events)).verdict
        #expect(bench.fixture.document(bench.fixture.stream) == PBAY_CLOSED)
        #expect(bench.fixture.answers == [0, 0, 0, 0])
        try await session.close()
        await bench.end()
    }

    @Test func `a point without a document says so`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("doc nulldoc", HookVisit(.events)) == "proceed")
        #expect(bench.fixture.answers == [PBAY_EUNSUPPORTED, PBAY_EINVALID])
        await bench.end()
    }

    @Test func `a document can't be had after the visit's verdict`() async throws {
        let bench = try await HookBench()
        let source = Source()
        let session = try await bench.open("doc proceed doc|doc defer|defer")
        _ = try await session.visit(source.visit).verdict
        #expect(bench.fixture.answers == [0, 0, PBAY_CLOSED])
        let first = bench.fixture.stream
        #expect(bench.fixture.document(first) == PBAY_CLOSED)
        // Deferred: until its verdict.
        let second = try await session.visit(source.visit)
        let id = bench.fixture.stream
        #expect(bench.fixture.document(first) == PBAY_CLOSED)
        #expect(bench.fixture.document(id) == PBAY_OK)
        #expect(bench.fixture.push(id) == PBAY_OK)
        #expect(bench.fixture.document(id) == PBAY_CLOSED)
        _ = try await second.verdict
        // Cancelled: not any more, though the verdict is owed.
        let third = try await session.visit(source.visit)
        #expect(bench.fixture.document(bench.fixture.stream) == PBAY_OK)
        try await session.cancel()
        #expect(bench.fixture.document(bench.fixture.stream) == PBAY_CLOSED)
        #expect(bench.fixture.push(bench.fixture.stream) == PBAY_CLOSED)
        _ = try await third.verdict
        try await session.close()
        await bench.end()
    }

    @Test func `the bag takes what it may hold, and says why not`() async throws {
        let bench = try await HookBench()
        let script =
            "put=a,1 get=a put=a, get=a get=b put=full,1 put=odd,1 name=128 name=129 name=0 badname nullget"
            + " putsize=1048576 putsize=1048577"
        #expect(try await bench.run(script) == "proceed")
        #expect(
            bench.fixture.answers == [
                0, 0, 0, PBAY_ENOTFOUND, PBAY_ENOTFOUND, PBAY_ELIMIT, PBAY_EINVALID, 0, 0, PBAY_EINVALID,
                PBAY_ENOTFOUND, PBAY_EINVALID, PBAY_ENOTFOUND, PBAY_EINVALID, PBAY_EINVALID, 0, PBAY_ELIMIT,
            ])
        #expect(bench.fixture.text("doc") == "1")
        await bench.end()
    }

    @Test func `what a visit may borrow of the bag is bounded`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("borrow") == "proceed")
        #expect(bench.fixture.answers == [15, PBAY_ELIMIT])
        await bench.end()
    }

    @Test func `the bag is closed with the visit`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("proceed put=a,1 get=a nullask emit=x flood") == "proceed")
        #expect(
            bench.fixture.answers == [0, PBAY_CLOSED, PBAY_CLOSED, PBAY_CLOSED, PBAY_CLOSED, 0, PBAY_CLOSED])
        #expect(bench.services.value(named: "a") == nil)
        await bench.end()
    }

    @Test func `malformed events aren't taken, and the visit goes on`() async throws {
        let bench = try await HookBench()
        let script = "nullevent badtext kind=0 kind=99 kind=9,[] kind=9,{} kind=10,x kind=11,{} emit=good events"
        #expect(try await bench.run(script) == #"events ["text(\"good\")"]"#)
        #expect(
            bench.fixture.answers == [
                PBAY_EINVALID, PBAY_EINVALID, PBAY_EUNSUPPORTED, PBAY_EUNSUPPORTED, PBAY_EINVALID, PBAY_EINVALID,
                PBAY_EINVALID, PBAY_EINVALID, 0, 0,
            ])
        await bench.end()
    }

    @Test func `a visit emits 16 MiB at most, and the next one again`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("flood proceed|flood")
        for _ in 0..<2 { #expect(try await session.visit().verdict == "proceed") }
        #expect(bench.fixture.answers == [15, PBAY_ELIMIT, 0, 15, PBAY_ELIMIT])
        try await session.close()
        await bench.end()
    }
}
