import NIOCore
import NIOHTTP1
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// One request of a connection, from its head until its answer's last byte is written. Confined to the connection's
/// event loop.
final class RequestJob {
    /// What to do once the body is whole; nil for a request that is refused before that.
    let endpoint: Endpoint?
    let method: HTTPMethod
    /// Percent-encoded.
    let query: Substring
    let exchange: Exchange
    let connection: ConnectionHandler
    let server: ServerContext
    /// The client knows chunks.
    let knowsChunks: Bool
    /// The client is one of Anthropic's.
    var knowsAnthropic = false
    /// The connection ends with this request's answer.
    var closes: Bool
    /// Why the request is refused, told once it has ended.
    var refusal: GatewayError?
    /// The request is whole, and its answer is being made.
    var isStarted = false
    let started = NIODeadline.now()

    /// How far the answer got.
    private(set) var progress = Progress.nothing
    /// The bytes of the answer's body.
    var bytesSent = 0
    private(set) var sink: (any AnswerStream)?
    /// Empty for an endpoint that takes none.
    private var body: [UInt8] = []
    private var bodyBytes = 0
    private let takesBody: Bool

    enum Progress {
        case nothing
        /// A stream's head is out.
        case streaming
        /// Everything is written, or the client has gone.
        case over
    }

    init(
        endpoint: Endpoint?, head: HTTPRequestHead?, query: Substring, exchange: Exchange,
        connection: ConnectionHandler,
        server: ServerContext
    ) {
        self.endpoint = endpoint
        self.method = head?.method ?? .RAW(value: "")
        self.query = query
        self.exchange = exchange
        self.connection = connection
        self.server = server
        self.knowsChunks = head?.isHTTP11 ?? false
        self.takesBody = endpoint?.body(of: self.method) ?? .ignored != .ignored
        self.closes = !(head?.isKeepAlive ?? false) || !knowsChunks
    }

    /// Takes a piece of the body. False: it is over the limit.
    func receive(_ piece: ByteBuffer) -> Bool {
        bodyBytes += piece.readableBytes
        guard bodyBytes <= server.configuration.bodyLimit else { return false }
        if takesBody { body.append(contentsOf: piece.readableBytesView) }
        return true
    }

    /// The body, given away; empty where the endpoint takes none or none came.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Reads the body, and does with what it says what takes its time (see `perform`). What either throws is the
    /// answer.
    func perform<Body: Sendable>(
        reading read: ([UInt8]) throws(GatewayError) -> Body,
        _ work: @escaping @Sendable (Body, RequestJob, Gateway) async throws(GatewayError) -> Void
    ) {
        do throws(GatewayError) {
            let body = try read(takeBody())
            perform { job, gateway throws(GatewayError) in try await work(body, job, gateway) }
        } catch {
            fail(error)
        }
    }

    /// Does work that waits for something, in a task on the connection's event loop. What it throws is the answer.
    func perform(_ work: @escaping @Sendable (RequestJob, Gateway) async throws(GatewayError) -> Void) {
        let bound = NIOLoopBound(self, eventLoop: exchange.strand)
        let gateway = server.gateway
        Task(executorPreference: connection.executor) {
            do throws(GatewayError) {
                try await work(bound.value, gateway)
            } catch {
                bound.value.fail(error)
            }
        }
    }

    /// Answers with an error, in the shape of the door's format.
    func fail(_ error: GatewayError, as status: HTTPStatus? = nil) {
        if error.kind == .internal || error.kind == .storage { log(error) }
        let body: [UInt8] =
            switch endpoint {
            case .generation(let generation): generation.body(of: error)
            case .messageTokens: server.formats.messages.body(of: error)
            case _ where knowsAnthropic: server.formats.messages.body(of: error)
            default: server.responses.body(of: error)
            }
        var answer = Answer(status ?? error.status, body: body)
        answer.retryAfter = error.retryAfter
        if error.kind == .methodNotAllowed { answer.allow = endpoint?.allow }
        self.answer(answer)
    }

    /// Answers as a whole. Without effect once the request is over.
    func answer(_ answer: Answer) {
        switch progress {
        case .nothing:
            end()
            connection.write(answer, of: self)
            logAccess(status: answer.status.rawValue, isStream: false)
        case .streaming:
            // The lifecycle promises that this can't be; a stream that is cut tells the client that something is
            // missing.
            connection.abort()
        case .over:
            break
        }
    }

    /// The connection speaks another protocol from now on.
    func upgraded() {
        end()
        logAccess(status: 101, isStream: false)
    }

    /// The client has gone, before everything was written.
    func clientGone() {
        guard progress != .over else { return }
        let isStream = progress == .streaming
        end()
        exchange.clientGone()
        logAccess(status: 499, isStream: isStream)
    }

    func open(_ sink: some AnswerStream) {
        self.sink = sink
    }

    /// Writes a piece of the stream; the first one brings the head with it.
    func stream(_ bytes: [UInt8], isLast: Bool) {
        guard progress != .over else { return }
        let isFirst = progress == .nothing
        if isLast { end() } else { progress = .streaming }
        connection.writeStream(bytes, isFirst: isFirst, isLast: isLast, of: self)
        if isLast { logAccess(status: 200, isStream: true) }
    }

    /// The lifecycle says that the stream has ended. If its last event never came, the connection's end must tell.
    func streamReturned() {
        if progress != .over { connection.abort() }
    }

    private func end() {
        progress = .over
        sink = nil
        body = []
    }
}
