import Logging
import NIOCore
import PatchbayConfig
import PatchbayUpstream

/// Asks a running server of the configuration how its hooks and tools have done.
struct ServerInquiry {
    /// The whole of it: a server on this machine answers in milliseconds, and one that hangs isn't worth a wait.
    static let timeout = TimeAmount.seconds(2)
    /// The variable of the environment with a key, where the configuration has none in plain text.
    static let variable = "PATCHBAY_KEY"

    /// Why there is no report, in the words that follow the server's address.
    struct Refusal: Error {
        let words: String
    }

    let host: String
    let port: Int
    let key: String?

    /// `host`, `port`: in place of the configuration's.
    init(_ configuration: Configuration, host: String?, port: Int?) {
        self.host = host ?? configuration.server.host
        self.port = port ?? configuration.server.port
        let plain = configuration.keys.lazy.compactMap { key in
            if case .plain(let text) = key.secret { text } else { nil }
        }
        key = Machine.environment[Self.variable] ?? plain.first
    }

    /// `http://127.0.0.1:8080`: where all addresses are listened on, this machine's own.
    var address: String {
        let name =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: host
            }
        return "http://" + (name.contains(":") ? "[\(name)]" : name) + ":\(port)"
    }

    func report(on loop: any EventLoop, logger: Logger) async throws(Refusal) -> ServerReport {
        guard port != 0 else { throw Refusal(words: "the configuration names no port to ask at; say --port") }
        let reply = await reply(on: loop, logger: logger)
        switch (reply.outcome, reply.status) {
        case (.ok, 200):
            guard let report = ServerReport(json: reply.body) else {
                throw Refusal(words: "what answers there is no patchbay of this version")
            }
            return report
        case (.ok, 401):
            let how = key == nil ? "needs a key" : "doesn't take the key"
            throw Refusal(words: "the server there \(how); say one in \(Self.variable)")
        case (.ok, let status):
            throw Refusal(words: "what answers there says \(status) and is no patchbay of this version")
        case (.timeout, _):
            throw Refusal(words: "no answer within \(Self.timeout.nanoseconds / 1_000_000_000) s")
        default:
            throw Refusal(words: "no server answers there")
        }
    }

    private func reply(on loop: any EventLoop, logger: Logger) async -> ReplyCollector.Reply {
        // Straight there: a proxy is for what is outside.
        let client = UpstreamClient(configuration: UpstreamConfiguration(), logger: logger)
        defer { client.shutdown() }
        let promise = loop.makePromise(of: ReplyCollector.Reply.self)
        let headers = key.map { [("authorization", "Bearer \($0)"), ("connection", "close")] } ?? []
        let request = UpstreamRequest(
            method: "GET", url: address + "/plugins", headers: headers,
            timeouts: UpstreamTimeouts(total: Self.timeout), limits: UpstreamLimits(maxBodyBytes: 16 << 20))
        loop.execute {
            do throws(UpstreamRequestError) {
                _ = try client.start(request, on: loop, delegate: ReplyCollector(promise))
            } catch {
                promise.succeed(ReplyCollector.Reply(outcome: .unreachable("\(error)")))
            }
        }
        return (try? await promise.futureResult.get()) ?? ReplyCollector.Reply(outcome: .cancelled)
    }
}

/// Gathers a reply. On its loop.
private final class ReplyCollector: UpstreamDelegate {
    struct Reply: Sendable {
        var outcome: UpstreamOutcome.Reason
        var status = 0
        var body: [UInt8] = []
    }

    private var reply = Reply(outcome: .cancelled)
    private let promise: EventLoopPromise<Reply>

    init(_ promise: EventLoopPromise<Reply>) {
        self.promise = promise
    }

    func upstream(head: UpstreamHead) {
        reply.status = head.status
    }

    func upstream(data: ByteBuffer) {
        reply.body.append(contentsOf: data.readableBytesView)
    }

    func upstream(event: SSEEvent) {}

    func upstreamDone(_ outcome: UpstreamOutcome) {
        reply.outcome = outcome.reason
        promise.succeed(reply)
    }
}
