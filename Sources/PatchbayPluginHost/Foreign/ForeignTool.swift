package import NIOCore
package import PatchbayLifecycle
package import PatchbayModel

/// A C function as a tool of the server.
package final class ForeignTool: ToolRunner {
    private let function: ForeignFunction
    private let threads: WorkerThreads

    init(_ function: ForeignFunction, threads: WorkerThreads) {
        self.function = function
        self.threads = threads
    }

    /// The JSON Schema of its arguments.
    package var parameters: [UInt8] { function.signature.parametersSchema }

    /// What it does, as far as its signature says.
    package var derivedDescription: String { function.signature.derivedDescription }

    /// Throws, without a call, for arguments that the function can't be given. A call that nobody waits for any more
    /// keeps its thread until the function returns.
    package func invoke(
        _ call: ToolInvocation, on strand: any EventLoop, receiver: any ProviderReceiver
    ) throws(GatewayError) -> any ProviderCall {
        strand.preconditionInEventLoop()
        let prepared: ForeignCall
        do throws(ForeignRefusal) {
            prepared = try function.call(call.arguments)
        } catch {
            throw GatewayError(.invalidRequest, error.message)
        }
        let running = ForeignToolCall(on: strand, receiver: receiver)
        let isTaken = threads.run {
            let outcome = Result { () throws(ForeignFailure) in try prepared.run().text }
            strand.execute { running.finish(outcome) }
        }
        guard isTaken else {
            throw GatewayError(.overloaded, "Too many calls of this tool are under way.", retryAfter: 1)
        }
        return running
    }
}

/// A call of a C function that runs on a thread. Used on its strand alone.
private final class ForeignToolCall: ProviderCall, @unchecked Sendable {
    private let strand: any EventLoop
    private var receiver: (any ProviderReceiver)?

    init(on strand: any EventLoop, receiver: any ProviderReceiver) {
        self.strand = strand
        self.receiver = receiver
    }

    func resume() {}

    func cancel(_ reason: CancelReason) {
        strand.execute { self.end(.failed(GatewayError(.cancelled, "The call was ended."))) }
    }

    func finish(_ outcome: Result<String, ForeignFailure>) {
        switch outcome {
        case .success(let text):
            if !text.isEmpty { _ = receiver?.receive(.text(text)) }
            end(.stop)
        case .failure(let failure):
            end(.failed(GatewayError(.provider, failure.message)))
        }
    }

    private func end(_ outcome: ProviderEnd.Outcome) {
        let receiver = receiver
        self.receiver = nil
        receiver?.end(ProviderEnd(outcome))
    }
}
