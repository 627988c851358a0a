import Foundation
import Testing

/// Tools of a plugin, run by the product inside a response.
@Suite("Tools of the server")
struct ToolTests {
    private static func server(_ setup: Setup, _ tools: String = "- {plugin: kit}") throws -> ServerProcess {
        let folder = try Folder()
        let kit = try Product.compile("server_tools", into: folder)
        return try ServerProcess(
            """
            server: {limits: {tool_rounds: 3}}
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
              - {name: kit, library: \(kit)}
            \(setup.store?.plugin ?? "")
            models:
              - {name: bare, provider: scripted, upstream_model: tool, tools: []}
              - {name: adder, provider: scripted, upstream_model: dump, tools: [add]}
              - {name: "*", provider: scripted}
            tools:
              \(tools)
            storage: {plugin: history}
            """)
    }

    private static func force(_ name: String) -> JSON { ["tool_choice": ["type": "function", "name": .string(name)]] }

    private static func types(_ answer: JSON) -> [String] {
        (answer["output"]?.elements ?? []).compactMap { $0["type"]?.string }
    }

    private static func text(_ answer: JSON) -> String {
        answer["output"]?.elements.last?["content"]?[0]?["text"]?.string ?? ""
    }

    @Test("a call is made, the model is asked again, and all of it is stored", arguments: Setup.all)
    func loop(setup: Setup) throws {
        let server = try Self.server(setup)
        let answer = try server.respond("tool", #"{"a": 20, "b": 22}"#, streamed: setup.streamed, Self.force("add"))
        #expect(Self.types(answer.json) == ["function_call", "function_call_output", "message"])
        #expect(Self.text(answer.json) == "42" && answer.json["output"]?[1]?["output"] == "42")
        #expect(answer.json["tools"] == [] && answer.json["status"] == "completed")
        #expect(try server.get("/v1/responses/\(answer.id)").json == answer.json)
        let next = try server.respond("count", "and?", after: answer.id)
        #expect(Self.text(next.json) == "5 items: user function_call function_call_output assistant user")
    }

    @Test("a stream with tools is given again to the byte, after each of its events", arguments: Setup.stores)
    func resume(setup: Setup) throws {
        let server = try Self.server(setup)
        let stream = try server.open("tools", #"{"a": 1, "b": 2}"#, ["tools": [ResumeTests.tool], "background": true])
            .all()
        let id = try #require(stream.first?.json["response"]?["id"]?.string)
        let final = try StreamRules.check(stream)
        #expect(Self.types(final) == ["function_call", "function_call", "function_call_output"])
        #expect(try server.get("/v1/responses/\(id)").json == final)
        for number in stream.indices {
            #expect(try server.resume(id, after: number).all().frames == stream[(number + 1)...].map(\.self).frames)
        }
    }

    @Test("a client's call and a server's in one turn, continued by previous_response_id", arguments: Setup.all)
    func mixed(setup: Setup) throws {
        let server = try Self.server(setup)
        let client: JSON = ["tools": [ResumeTests.tool]]
        let first = try server.respond("tools", "x", streamed: setup.streamed, client)
        let output = try #require(first.json["output"]?.elements)
        #expect(output.map { $0["name"]?.string } == ["weather", "add", nil])
        #expect(output[2]["output"] == "2" && output[2]["call_id"] == output[1]["call_id"])
        let own: JSON = [
            "type": "function_call_output", "call_id": output[0]["call_id"] ?? .null, "output": "sunny",
        ]
        let second = try server.respond("tools", [own], after: first.id, streamed: setup.streamed, client)
        #expect(Self.types(second.json) == ["message"] && Self.text(second.json) == "sunny")
    }

    @Test("what fails, hangs or says too much is told to the model, which goes on")
    func faults() throws {
        let server = try Self.server(Setup(), "- {plugin: kit, timeout: 100ms, max_output: 1KiB}")
        let failed = try server.respond("tool", "{}", Self.force("fail"))
        #expect(Self.text(failed.json) == "The tool failed: The service is down.")
        let late = try server.respond("tool", "{}", Self.force("hang"))
        #expect(Self.text(late.json) == "The tool failed: it took longer than its time limit of 100 ms.")
        let huge = Self.text(try server.respond("tool", "{}", Self.force("huge")).json)
        #expect(huge.hasPrefix("xxxx") && huge.hasSuffix("cut here, after 1024 bytes.]") && huge.utf8.count < 1200)
        let misfit = try server.respond("tool", #"{"a": 1, "b": "2"}"#, Self.force("add"))
        #expect(Self.text(misfit.json).contains("'b' of the arguments is a string, and integer is expected"))
    }

    @Test("or ends the response, where it is configured so", arguments: [false, true])
    func faultsThatEnd(streamed: Bool) throws {
        let server = try Self.server(Setup(), "- {plugin: kit, timeout: 100ms, on_error: fail}")
        for (tool, code, status) in [("fail", "tool_failed", 502), ("hang", "tool_timeout", 504)] {
            let answer = try server.respond("tool", "{}", streamed: streamed, Self.force(tool))
            #expect(answer.json["error"]?["code"]?.string == code)
            #expect(answer.status == (streamed ? 200 : status))
        }
    }

    @Test("a client that goes away ends the tool, and the server goes on")
    func disconnect() throws {
        let server = try Self.server(Setup(), "- {plugin: kit, timeout: 1h}")
        let stream = try server.open("tool", "{}", Self.force("hang"))
        _ = try stream.read { $0.name == "response.output_item.done" }
        stream.connection.socket.reset()
        let background = try server.respond(
            "tool", "{}", ["background": true, "tool_choice": ["type": "function", "name": "hang"]])
        let cancelled = try server.ask("POST", "/v1/responses/\(background.id)/cancel")
        #expect(cancelled.json["status"] == "cancelled")
        #expect(Self.text(try server.respond("tool", #"{"a": 1, "b": 1}"#, Self.force("add")).json) == "2")
    }

    @Test("rounds are bounded, and approval and the model's own list hold")
    func rules() throws {
        let server = try Self.server(
            Setup(),
            "- {plugin: kit, tools: [add]}\n  - {plugin: kit, tools: [fail], approval: client}\n  - {plugin: kit, tools: [hang], approval: never}"
        )
        let again = try server.respond("again", #"{"a": 1, "b": 1}"#)
        #expect(Self.types(again.json).filter { $0 == "function_call_output" }.count == 3)
        #expect(Self.text(again.json) == "2")
        let handed = try server.respond("tool", "{}", Self.force("fail"))
        #expect(Self.types(handed.json) == ["function_call"])
        let never = try server.respond("tool", "{}", Self.force("hang"))
        #expect(never.status == 400 && never.json["error"]?["param"] == "tool_choice")
        #expect(Self.text(try server.respond("bare", "x").json) == "There is no tool to call.")
        let dump = Self.text(try server.respond("adder", "x").json)
        #expect(
            dump.contains(#""name":"add""#) && !dump.contains(#""name":"fail""#) && dump.contains(#""strict":true"#))
    }
}
