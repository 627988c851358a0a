import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A tool that answers by a function of its arguments, or hangs until it is cancelled or told to end.
final class FakeTool: ToolRunner {
    enum Answer: Sendable {
        case texts([String])
        case failed(GatewayError)
        /// Refused in `invoke` itself.
        case refused(GatewayError)
        case hangs
    }

    private let answer: @Sendable (ToolInvocation) -> Answer
    private let asked = Mutex<[ToolInvocation]>([])
    private let held = Mutex<[Call]>([])
    private let reason = Mutex<CancelReason?>(nil)
    /// The most calls that ran at a time.
    private let most = Mutex(0)
    let started = Signal()

    init(_ answer: @escaping @Sendable (ToolInvocation) -> Answer) {
        self.answer = answer
    }

    convenience init(_ text: String) {
        self.init { _ in .texts([text]) }
    }

    var calls: [ToolInvocation] { asked.withLock { $0 } }
    var cancelled: CancelReason? { reason.withLock { $0 } }
    var mostAtATime: Int { most.withLock { $0 } }

    func invoke(_ invocation: ToolInvocation, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        asked.withLock { $0.append(invocation) }
        let call = Call(self, strand, receiver)
        let answer = answer(invocation)
        if case .refused(let error) = answer { throw error }
        let running = held.withLock { held in
            held.append(call)
            return held.count
        }
        most.withLock { $0 = max($0, running) }
        if case .hangs = answer {} else { strand.assumeIsolated().execute { call.end(answer) } }
        started.give()
        return call
    }

    /// Ends the calls that hang, the last first.
    func release(_ text: String) {
        for call in held.withLock({ $0 }).reversed() { call.finish(text) }
    }

    private final class Call: ProviderCall, @unchecked Sendable {
        private let tool: FakeTool
        private let strand: any EventLoop
        private var receiver: (any ProviderReceiver)?

        init(_ tool: FakeTool, _ strand: any EventLoop, _ receiver: any ProviderReceiver) {
            self.tool = tool
            self.strand = strand
            self.receiver = receiver
        }

        func end(_ answer: Answer) {
            switch answer {
            case .texts(let texts):
                for text in texts { _ = receiver?.receive(.text(text)) }
                over(.stop)
            case .failed(let error): over(.failed(error))
            case .refused, .hangs: break
            }
        }

        func finish(_ text: String) { strand.execute { self.end(.texts([text])) } }

        func resume() {}

        func cancel(_ reason: CancelReason) {
            tool.reason.withLock { $0 = reason }
            strand.execute { self.over(.failed(GatewayError(.cancelled, "cancelled"))) }
        }

        private func over(_ outcome: ProviderEnd.Outcome) {
            guard let receiver else { return }
            self.receiver = nil
            tool.held.withLock { held in held.removeAll { $0 === self } }
            receiver.end(ProviderEnd(outcome))
        }
    }
}

extension ServerTool {
    static let anything = #"{"type":"object","properties":{"x":{"type":"integer"}}}"#

    init(
        _ name: String, _ runner: FakeTool, parameters: String = anything, approval: Approval = .auto,
        onError: OnError = .continue, timeout: Int = 60_000, maxOutput: Int = 64 << 10
    ) {
        self.init(
            name: name, description: "Does \(name).", parameters: Array(parameters.utf8), approval: approval,
            onError: onError, timeout: timeout, maxOutput: maxOutput, runner: runner)
    }
}
