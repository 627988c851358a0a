import Foundation
import Testing

/// Clients that leave, read slowly, or not at all (behaviour 24 and 25).
@Suite("Clients that leave or wait")
struct DisconnectTests {
    /// Asks until it is so. The server is told of a closed connection by the kernel, and needs a moment to store what
    /// it has.
    private func response(_ id: String, of server: ServerProcess, seconds: Double = 20, until isSo: (Answer) -> Bool)
        throws -> Answer
    {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            let answer = try server.get("/v1/responses/\(id)")
            if isSo(answer) { return answer }
            guard Date() < deadline else {
                throw TestFailure("still \(answer.status) \(answer.json.text)\n\(server.log.text)")
            }
        }
    }

    @Test("on_disconnect: cancel ends the provider and keeps what was said as incomplete", arguments: Setup.stores)
    func cancel(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: "server: {on_disconnect: cancel}"))
        let stream = try server.open("hang", "x")
        let id = try #require(try stream.next()?.json["response"]?["id"]?.string)
        while let event = try stream.next(), event.name != "response.output_text.delta" {}
        stream.connection.socket.close()
        let answer = try response(id, of: server) { $0.json["status"] != "in_progress" }
        #expect(answer.json["status"] == "incomplete")
        #expect(answer.text == "Waiting")
        #expect(try server.respond("count", "on", after: id).text == "3 items: user assistant user")
        #expect(!server.log.text.contains("\"level\":\"error\""))
    }

    @Test("on_disconnect: finish lets the turn end and keeps it", arguments: Setup.stores)
    func finish(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: "server: {on_disconnect: finish}"))
        let stream = try server.open("slow", "one two three four five every 20")
        let id = try #require(try stream.next()?.json["response"]?["id"]?.string)
        stream.connection.socket.reset()
        let answer = try response(id, of: server) { $0.json["status"] != "in_progress" }
        #expect(answer.json["status"] == "completed")
        #expect(answer.text == "one two three four five every 20")
    }

    @Test("a client that leaves a request that isn't streamed cancels the provider: the server can end at once")
    func cancelWhole() throws {
        let server = try ServerProcess(Setup(store: .sqlite).with(sections: "server: {shutdown: {drain: 1h}}"))
        let connection = try HTTPConnection(server)
        let stream = try server.open("hang", "x")
        _ = try stream.next()
        try connection.send(
            "POST", "/v1/responses", headers: ["Content-Type": "application/json"],
            body: Array(#"{"model":"hang","input":"x"}"#.utf8))
        connection.socket.close()
        stream.connection.socket.close()
        // With a call left, the drain would take its hour.
        #expect(server.terminate() == 0)
    }

    @Test("a reader that doesn't read keeps its own stream waiting, in bounded memory, while others go on")
    func slowReader() throws {
        let server = try ServerProcess(Setup(store: nil))
        _ = try server.respond("long", "count 20000", streamed: true)
        let before = server.residentBytes
        // 200,000 events of some 190 bytes are 38 MB; a server that doesn't wait would hold most of them.
        let stuck = try server.open("long", "count 200000", receiveBuffer: 4096)
        for _ in 0..<10 {
            let other = try server.respond("long", "count 2000", streamed: true)
            #expect(other.json["status"] == "completed")
        }
        #expect(server.residentBytes - before < 16 << 20)
        // And it ends whole once it is read.
        var size = 0
        var end: [UInt8] = []
        while let bytes = try stuck.connection.readBody() {
            size += bytes.count
            end = (end + bytes).suffix(2048)
        }
        #expect(size > 30 << 20)
        #expect(String(decoding: end, as: UTF8.self).contains(#""output_tokens":200000,"#))
    }

    @Test("two hundred clients that leave leave nothing behind", arguments: Setup.stores)
    func many(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: "server: {shutdown: {drain: 1h}}"))
        for _ in 0..<200 {
            let stream = try server.open("hang", "x")
            _ = try stream.next()
            stream.connection.socket.reset()
        }
        #expect(try server.respond("echo", "still there").text == "still there")
        #expect(server.terminate() == 0)
    }
}
