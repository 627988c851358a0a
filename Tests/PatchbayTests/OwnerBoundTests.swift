import Testing

/// An owner has bytes of his own, and who uses them up loses his own turns alone (behaviour 5).
@Suite("Owners' bounds")
struct OwnerBoundTests {
    static let bound = "  retention: {max_bytes_per_owner: 1MiB}"

    @Test("one key's flood evicts its own oldest responses, and another's none", arguments: Setup.stores)
    func flood(setup: Setup) throws {
        let server = try ServerProcess(setup.with(storage: Self.bound, sections: Setup.keys))
        let quiet = try server.respond("echo", "quiet", key: "key-of-team-b")
        let first = try server.respond("echo", "first", key: "key-of-team-a")
        let continued = try server.respond("count", "on", after: first.id, key: "key-of-team-a")
        // The input is a part of the turn: eleven of these are more than the bound.
        var flood: [Answer] = []
        for turn in 0..<12 {
            let input = JSON.string("\(turn) " + String(repeating: "x", count: 100_000))
            flood.append(try server.respond("count", input, key: "key-of-team-a"))
            #expect(flood.last?.status == 200)
        }
        for gone in [continued, first, flood[0]] {
            #expect(try server.get("/v1/responses/\(gone.id)", key: "key-of-team-a").status == 404)
        }
        for kept in flood.suffix(9) {
            #expect(try server.get("/v1/responses/\(kept.id)", key: "key-of-team-a").json == kept.json)
        }
        #expect(try server.get("/v1/responses/\(quiet.id)", key: "key-of-team-b").json == quiet.json)
        let turn = try server.respond("count", "on", after: quiet.id, key: "key-of-team-b")
        #expect(turn.text == "3 items: user assistant user")
    }

    @Test("a turn that no eviction makes room for is refused, and nothing has gone", arguments: Setup.all)
    func tooLarge(setup: Setup) throws {
        let server = try ServerProcess(setup.with(storage: Self.bound, sections: Setup.keys))
        let kept = try server.respond("echo", "kept", key: "key-of-team-a")
        let input = JSON.string(String(repeating: "x", count: 1_100_000))
        let refused = try server.respond("count", input, streamed: setup.streamed, key: "key-of-team-a")
        #expect(setup.streamed ? refused.json["status"] == "failed" : refused.status == 413)
        #expect(try server.get("/v1/responses/\(kept.id)", key: "key-of-team-a").json == kept.json)
        let turn = try server.respond("count", "on", after: kept.id, key: "key-of-team-a")
        #expect(turn.text == "3 items: user assistant user")
    }

    @Test("a plugin that knows no such bound is an error at the line that asks for it")
    func unknown() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: "*", provider: scripted}
            storage:
              plugin: scripted
              retention:
                max_bytes_per_owner: 1MiB
            """, to: "config.yaml")
        let run = try Product.run(Product.binary, ["plugins", "--config", file])
        #expect(run.status == 1)
        #expect(run.errors.contains("\(file):8:26: error: "))
        #expect(run.errors.contains("max_bytes_per_owner"))
    }
}
