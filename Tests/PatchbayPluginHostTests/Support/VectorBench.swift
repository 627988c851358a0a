import NIOCore
import PatchbayLifecycle
import PatchbayModel

@testable import PatchbayPluginHost

/// A receiver of vectors that keeps its end and checks the port's promises. On its strand alone.
final class VectorRecorder: VectorReceiver {
    private(set) var result: Result<Vectors, GatewayError>?
    private(set) var usage: Usage?
    private(set) var violations: [String] = []
    var call: (any ProviderCall)?
    let ended: EventLoopPromise<Void>
    private let loop: any EventLoop

    init(on loop: any EventLoop) {
        self.loop = loop
        ended = loop.makePromise()
    }

    func end(_ result: Result<Vectors, GatewayError>, usage: Usage?) {
        if !loop.inEventLoop { violations.append("the end off the strand") }
        if self.result != nil { violations.append("a second end") }
        if call == nil { violations.append("the end before begin has returned") }
        self.result = result
        self.usage = usage
        ended.succeed()
    }
}

extension Bench {
    /// What a call for vectors came to.
    struct Embedded: Sendable {
        var vectors: Vectors?
        var error: GatewayError?
        var usage: Usage?
        var violations: [String]
    }

    /// A call for vectors that has begun.
    struct Embedding: Sendable {
        let recorder: NIOLoopBound<VectorRecorder>
        let ended: EventLoopFuture<Void>
        let loop: any EventLoop

        var outcome: Embedded {
            get async throws {
                try await ended.get()
                let recorder = recorder
                return try await loop.submit {
                    let recorder = recorder.value
                    var embedded = Embedded(usage: recorder.usage, violations: recorder.violations)
                    switch recorder.result {
                    case .success(let vectors): embedded.vectors = vectors
                    case .failure(let error): embedded.error = error
                    case nil: embedded.violations.append("no end")
                    }
                    return embedded
                }.get()
            }
        }

        func cancel() async throws {
            let recorder = recorder
            try await loop.submit { recorder.value.call?.cancel(.clientGone) }.get()
        }
    }

    func beginEmbedding(
        _ script: String, inputs: Int = 2, maxDimensions: Int = 65536, timeout: Int? = nil
    ) async throws -> Embedding {
        let provider = try host.provider(named: "p")
        let loop = loop
        return try await loop.submit {
            let recorder = VectorRecorder(on: loop)
            let body = ProviderRequest(
                body: Array("{}".utf8), model: script, conversation: "", stream: false, timeout: timeout)
            do {
                recorder.call = try provider.embed(
                    VectorRequest(body: body, inputs: inputs, maxDimensions: maxDimensions), on: loop,
                    receiver: recorder)
            } catch {
                recorder.ended.succeed()
                throw error
            }
            return Embedding(
                recorder: NIOLoopBound(recorder, eventLoop: loop), ended: recorder.ended.futureResult, loop: loop)
        }.get()
    }

    func embed(_ script: String, inputs: Int = 2, maxDimensions: Int = 65536, timeout: Int? = nil) async throws
        -> Embedded
    {
        try await beginEmbedding(script, inputs: inputs, maxDimensions: maxDimensions, timeout: timeout).outcome
    }
}
