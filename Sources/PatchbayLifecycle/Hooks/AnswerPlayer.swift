import NIOCore
import PatchbayModel

/// Gives an answer that a hook has made, as its provider would: in the same pieces, and no faster than the client reads.
final class AnswerPlayer: Provider {
    private let answer: HookAnswer

    init(_ answer: HookAnswer) {
        self.answer = answer
    }

    var name: String { answer.provider ?? "" }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let call = Call(answer, strand: strand, receiver: receiver)
        call.schedule()
        return call
    }

    /// Confined to its strand.
    private final class Call: ProviderCall, @unchecked Sendable {
        /// So that a long answer doesn't hold up the strand.
        private static let eventsAtOnce = 256

        private let answer: HookAnswer
        private let strand: any EventLoop
        /// Nil once it has been given the end.
        private var receiver: (any ProviderReceiver)?
        private var position = 0
        private var isPaused = false

        init(_ answer: HookAnswer, strand: any EventLoop, receiver: any ProviderReceiver) {
            self.answer = answer
            self.strand = strand
            self.receiver = receiver
        }

        func schedule() {
            strand.execute { self.play() }
        }

        private func play() {
            guard !isPaused, let receiver else { return }
            for _ in 0..<Self.eventsAtOnce {
                guard position < answer.events.count else {
                    return end(ProviderEnd(answer.outcome, usage: answer.usage))
                }
                position += 1
                if receiver.receive(answer.events[position - 1]) == .pause {
                    isPaused = true
                    return
                }
            }
            schedule()
        }

        private func end(_ end: ProviderEnd) {
            let receiver = self.receiver
            self.receiver = nil
            receiver?.end(end)
        }

        func resume() {
            strand.execute {
                self.isPaused = false
                self.play()
            }
        }

        func cancel(_ reason: CancelReason) {
            strand.execute { self.end(ProviderEnd(.failed(GatewayError(.cancelled, "The answer was cancelled.")))) }
        }
    }
}
