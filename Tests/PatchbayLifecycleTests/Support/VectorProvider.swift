import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider that makes vectors as a test says: of two numbers, the input's own (it is one) and the call's.
final class VectorProvider: Provider {
    /// What a call comes to.
    enum Move: Sendable {
        case vectors(dimensions: Int = 2, usage: Usage? = Usage(inputTokens: 1))
        case fail(GatewayError)
        /// Refused by `embed` itself.
        case refuse(GatewayError)
        /// Not before it is cancelled, or released.
        case hold
    }

    struct Book: Sendable {
        var bodies: [String] = []
        var maxDimensions: [Int] = []
        var timeouts: [Int?] = []
        var running = 0
        var mostRunning = 0
        var cancels: [CancelReason] = []
    }

    let name: String
    let maxInputs: Int?
    private let move: @Sendable (_ call: Int, _ body: String) -> Move
    private let kept = Mutex(Book())
    private let held = Mutex<[Call]>([])
    /// Given when a call is held.
    let holding = Signal()

    init(
        named name: String = "vectors", maxInputs: Int? = 2,
        _ move: @escaping @Sendable (_ call: Int, _ body: String) -> Move = { _, _ in .vectors() }
    ) {
        self.name = name
        self.maxInputs = maxInputs
        self.move = move
    }

    var book: Book { kept.withLock { $0 } }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        throw GatewayError(.invalidRequest, "no answers", code: "unsupported")
    }

    func embed(_ request: VectorRequest, on strand: any EventLoop, receiver: any VectorReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let body = String(decoding: request.body.body, as: UTF8.self)
        let number = kept.withLock { book in
            book.bodies.append(body)
            book.maxDimensions.append(request.maxDimensions)
            book.timeouts.append(request.body.timeout)
            return book.bodies.count - 1
        }
        let move = move(number, body)
        if case .refuse(let error) = move { throw error }
        kept.withLock { book in
            book.running += 1
            book.mostRunning = max(book.mostRunning, book.running)
        }
        let call = Call(self, request, number, strand, receiver)
        switch move {
        case .vectors(let dimensions, let usage):
            strand.execute { call.end(.success(call.vectors(dimensions)), usage) }
        case .fail(let error): strand.execute { call.end(.failure(error), nil) }
        case .hold:
            held.withLock { $0.append(call) }
            holding.give()
        case .refuse: break
        }
        return call
    }

    private final class Call: ProviderCall, @unchecked Sendable {
        private let provider: VectorProvider
        private let request: VectorRequest
        private let number: Int
        private let strand: any EventLoop
        private var receiver: (any VectorReceiver)?

        init(
            _ provider: VectorProvider, _ request: VectorRequest, _ number: Int, _ strand: any EventLoop,
            _ receiver: any VectorReceiver
        ) {
            self.provider = provider
            self.request = request
            self.number = number
            self.strand = strand
            self.receiver = receiver
        }

        func vectors(_ dimensions: Int) -> Vectors {
            let inputs = (try? JSONDocument.parse(request.body.body))?.root["input"]?.array ?? []
            precondition(inputs.count == request.inputs)
            return Vectors(
                dimensions: dimensions,
                numbers: inputs.flatMap { input in
                    [Float(input.string ?? "") ?? -1] + Array(repeating: Float(number), count: dimensions - 1)
                })
        }

        func end(_ result: Result<Vectors, GatewayError>, _ usage: Usage?) {
            guard let receiver else { return }
            self.receiver = nil
            provider.kept.withLock { $0.running -= 1 }
            receiver.end(result, usage: usage)
        }

        func resume() {}

        func cancel(_ reason: CancelReason) {
            provider.kept.withLock { $0.cancels.append(reason) }
            strand.execute { self.end(.failure(GatewayError(.cancelled, "cancelled")), nil) }
        }
    }
}

extension EmbeddingRequest {
    /// Of texts that are numbers from 0 on.
    static func numbers(_ count: Int, fields: RequestFields = RequestFields()) -> EmbeddingRequest {
        EmbeddingRequest(model: "m", inputs: (0..<count).map { Array("\"\($0)\"".utf8)[...] }, fields: fields)
    }
}

extension Gateway {
    /// A request's vectors as a client would have them. `during`: what happens to its exchange while it is made.
    func embedded(
        _ request: EmbeddingRequest, owner: String = "a", during: (@Sendable (Exchange) async -> Void)? = nil
    ) async throws -> Embeddings {
        let runner = LoopRunner()
        return try await runner.run {
            let exchange = Exchange(id: "req_1", owner: owner, strand: runner.loop)
            if let during { Task { await during(exchange) } }
            return try await self.embed(request, in: exchange)
        }
    }
}
