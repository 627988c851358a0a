import Foundation
import Testing

/// Nothing that was acknowledged is lost (behaviour 2).
@Suite("Durability")
struct DurabilityTests {
    static let ways = [false, true].flatMap { streamed in [false, true].map { (streamed, $0) } }

    @Test("a conversation goes on after the server has ended and started anew", arguments: ways)
    func restart(streamed: Bool, crash: Bool) throws {
        let server = try ServerProcess(Setup(store: .sqlite))
        var previous: String?
        for turn in 1...5 {
            let answer = try server.respond("echo", .string("turn \(turn)"), after: previous, streamed: streamed)
            previous = answer.id
            // Ended right after the last byte of the answer.
            if crash { server.kill() } else { #expect(server.terminate() == 0) }
            try server.startAgain()
            #expect(try server.get("/v1/responses/\(answer.id)").json == answer.json)
        }
        let seen = try server.dump("end", after: previous)
        #expect(seen.texts == (1...5).flatMap { ["turn \($0)", "turn \($0)"] } + ["end"])
    }

    @Test("a server that is killed under load has all that it acknowledged")
    func killedUnderLoad() async throws {
        let server = try ServerProcess(Setup(store: .sqlite))
        let acknowledged = await withTaskGroup(of: [String].self) { group in
            for client in 0..<4 {
                group.addTask {
                    var ids: [String] = []
                    while ids.count < 500,
                        let answer = try? server.respond(
                            "echo", .string("client \(client)"), streamed: client % 2 == 0),
                        answer.status == 200
                    {
                        ids.append(answer.id)
                        if client == 0, ids.count == 20 { server.kill() }
                    }
                    return ids
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(acknowledged.count >= 20)
        try server.startAgain()
        for id in acknowledged { #expect(try server.get("/v1/responses/\(id)").status == 200) }
    }

    @Test("SIGTERM lets a stream that runs end, and takes no new connections")
    func drain() throws {
        let server = try ServerProcess(Setup(store: .sqlite))
        let stream = try server.open("slow", "one two three four every 100")
        _ = try stream.next()
        server.signal(SIGTERM)
        let rest = try stream.all()
        #expect(rest.last?.name == "response.completed")
        #expect(server.terminate() == 0)
    }
}
