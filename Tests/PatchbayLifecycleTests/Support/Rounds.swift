import PatchbayFormats
import PatchbayJSON
import PatchbayModel

@testable import PatchbayLifecycle

/// A provider that says something else each time that it is asked; when it has no more, what it was given last.
func rounds(_ rounds: [[ProviderEvent]], usage: Usage = Usage(inputTokens: 10, outputTokens: 3)) -> ScriptedProvider {
    ScriptedProvider { _, attempt in
        let events = attempt <= rounds.count ? rounds[attempt - 1] : [.text("done")]
        return (events, ProviderEnd(.stop, usage: usage))
    }
}

/// A call as a provider makes it.
func call(_ index: Int, _ name: String, _ arguments: String = "{}") -> [ProviderEvent] {
    [
        .toolCall(index: index, id: "c\(index)", name: name), .arguments(index: index, arguments),
        .toolCallEnd(index: index),
    ]
}

extension Gateway {
    convenience init(
        _ provider: any Provider, tools: [ServerTool], store: (any HistoryStore)? = FakeStore(),
        policy: GatewayPolicy = GatewayPolicy(), offered: [String]? = nil, defaults: RequestFields = RequestFields(),
        hooks: [HookEntry] = []
    ) {
        let format = ResponsesFormat()
        self.init(
            router: Router([Router.Entry(name: "m", provider: provider, defaults: defaults, tools: offered)]),
            store: store, policy: policy, hooks: hooks, tools: tools,
            readRequest: { body throws(GatewayError) in try format.request(from: body) },
            writeResponse: { format.body(of: $0) }, clock: StoppedClock(), logger: .quiet)
    }
}

extension Response {
    /// What its items are, in a word each.
    var types: [String] { output.map(\.type) }

    /// The outputs of the calls that the server made, in their order.
    var outputs: [String] {
        output.filter { $0.kind == .functionCallOutput }.compactMap {
            (try? JSONDocument.parse($0.body))?.root["output"]?.string
        }
    }
}

extension ScriptedProvider {
    /// A member of the bodies, as JSON.
    func asked(_ member: String) -> [String] {
        bodies.map { body in
            (try? JSONDocument.parse(body))?.root[key: member].map { String(decoding: $0.raw, as: UTF8.self) } ?? ""
        }
    }
}
