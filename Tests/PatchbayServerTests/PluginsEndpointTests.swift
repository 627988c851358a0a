import NIOCore
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("GET /plugins", .timeLimit(.minutes(3)))
struct PluginsEndpointTests {
    @Test("without hooks and tools there are two empty lists")
    func none() async throws {
        try await S.with { server in
            let answer = try await server.ask(S.get("/plugins"))
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.body == #"{"hooks":[],"tools":[]}"#)
        }
    }

    @Test("hooks in their order and tools, with where they act, what holds for them, and their counts")
    func all() async throws {
        let hooks = [
            HookEntry(
                Watcher("b", HookInterest([.events, .complete], events: 1 << 1 | 1 << 13)), onError: .failOpen,
                budget: .milliseconds(250)),
            HookEntry(Watcher("a", HookInterest([.persisted]))),
        ]
        let tool = ServerTool(
            name: "find", description: "Finds \"it\".", parameters: Array(#"{"type":"object"}"#.utf8),
            approval: .client, onError: .fail, timeout: 2000, maxOutput: 512, runner: NoRunner())
        try await S.with(hooks: hooks, tools: [tool]) { server in
            let answer = try await server.ask(S.get("/plugins"))
            let wanted =
                #"{"hooks":[{"name":"b","points":["events","complete"],"events":["text","item_end"],"#
                + #""on_error":"fail_open","budget_ms":250,"visits":0,"rejections":0,"timeouts":0,"failures":0},"#
                + #"{"name":"a","points":["persisted"],"events":[],"on_error":"fail_closed","budget_ms":1000,"#
                + #""visits":0,"rejections":0,"timeouts":0,"failures":0}],"#
                + #""tools":[{"name":"find","description":"Finds \"it\".","parameters":{"type":"object"},"#
                + #""approval":"client","timeout_ms":2000,"max_output":512,"on_error":"fail","#
                + #""calls":0,"refusals":0,"timeouts":0,"failures":0}]}"#
            #expect(answer.body == wanted)
        }
    }

    @Test("it needs a key where there are keys, and takes GET and HEAD alone")
    func refused() async throws {
        try await S.with(keys: KeyRing([.init(owner: "a", key: "secret")])) { server in
            #expect(try await server.ask(S.get("/plugins")).status == 401)
            #expect(try await server.ask(S.get("/plugins", headers: "Authorization: Bearer secret\r\n")).status == 200)
            let post = try await server.ask(
                S.post("{}", path: "/plugins", headers: "Authorization: Bearer secret\r\n"))
            #expect(post.status == 405)
            #expect(post.headers["allow"] == "GET, HEAD")
            #expect(try await server.ask(S.get("/plugins/a")).status == 404)
        }
    }
}

/// A hook that is there, and is never visited here.
private final class Watcher: Hook {
    let name: String
    let interest: HookInterest

    init(_ name: String, _ interest: HookInterest) {
        self.name = name
        self.interest = interest
    }

    func open(_ request: HookedRequest) throws(HookFault) -> any HookSession {
        throw HookFault("no request is made here")
    }
}

private final class NoRunner: ToolRunner {
    func invoke(_ call: ToolInvocation, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        throw GatewayError(.internal, "no call is made here")
    }
}
