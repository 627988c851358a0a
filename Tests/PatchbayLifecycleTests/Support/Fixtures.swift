import Logging
import NIOCore
import PatchbayJSON
import PatchbayModel

@testable import PatchbayLifecycle

extension Gateway {
    /// A gateway with one model, `m`, and the time standing still.
    convenience init(
        _ provider: any Provider, store: (any HistoryStore)?, policy: GatewayPolicy = GatewayPolicy(),
        process: ProcessIdentity = .unknown
    ) {
        self.init(
            router: Router([Router.Entry(name: "m", provider: provider)]), store: store, policy: policy,
            clock: StoppedClock(), process: process, logger: .quiet)
    }

    /// A turn as a client would have it, not streamed.
    func turn(_ request: Request, owner: String = "a") async throws -> Response {
        let runner = LoopRunner()
        return try await runner.run {
            try await self.respond(to: request, in: Exchange(id: "req_1", owner: owner, strand: runner.loop))
        }
    }

    /// The same, streamed: the events.
    func streamedTurn(_ request: Request, owner: String = "a", slowly: Bool = false) async throws -> [ResponseEvent] {
        let runner = LoopRunner()
        return try await runner.run {
            let exchange = Exchange(id: "req_1", owner: owner, strand: runner.loop)
            let sink = RecordingSink()
            if slowly { sink.onPause = { exchange.readerIsReady() } }
            try await self.stream(request, in: exchange, to: sink)
            return sink.events
        }
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

struct StoppedClock: PatchbayLifecycle.Clock {
    var milliseconds: Int64 { 1_700_000_000_000 }
}

extension Request {
    static func user(
        _ text: String, after previous: String? = nil, stream: Bool = false, store: Bool = true
    ) -> Request {
        Request(
            model: "m", input: [.user(text)], previousResponseID: previous, stream: stream, store: store,
            fields: RequestFields(), tools: ["f", "get_weather"].map { Tool(type: "function", name: $0) })
    }

    static func items(_ items: [Item], after previous: String? = nil) -> Request {
        Request(
            model: "m", input: items, previousResponseID: previous, stream: false, store: true,
            fields: RequestFields(), tools: ["f", "get_weather"].map { Tool(type: "function", name: $0) })
    }
}

extension Item {
    static func user(_ text: String) -> Item {
        .json(#"{"type":"message","role":"user","content":[{"type":"input_text","text":"\#(text)"}]}"#)
    }

    static func output(of call: String, _ text: String) -> Item {
        .json(#"{"type":"function_call_output","call_id":"\#(call)","output":"\#(text)"}"#)
    }

    static func json(_ text: String) -> Item {
        guard let document = try? JSONDocument.parse(Array(text.utf8)), var item = Item(document.root) else {
            preconditionFailure("a fixture that is no item: \(text)")
        }
        item.id = item.id ?? Identifier.item(for: item.kind)
        return item
    }
}
