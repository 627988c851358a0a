import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider whose answer depends on what it is asked; it keeps the bodies.
final class ScriptedProvider: Provider {
    let name: String
    private let answer: @Sendable (_ body: String, _ attempt: Int) -> ([ProviderEvent], ProviderEnd)
    private let asked = Mutex<[String]>([])

    init(
        _ name: String = "scripted",
        _ answer: @escaping @Sendable (_ body: String, _ attempt: Int) -> ([ProviderEvent], ProviderEnd)
    ) {
        self.name = name
        self.answer = answer
    }

    /// The bodies of all requests so far.
    var bodies: [String] { asked.withLock { $0 } }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let body = String(decoding: request.body, as: UTF8.self)
        let attempt = asked.withLock { asked in
            asked.append(body)
            return asked.count
        }
        let (events, end) = answer(body, attempt)
        strand.assumeIsolated().execute {
            for event in events { _ = receiver.receive(event) }
            receiver.end(end)
        }
        return Call()
    }

    private final class Call: ProviderCall {
        func resume() {}
        func cancel(_ reason: CancelReason) {}
    }
}

extension ProviderEnd {
    static var tooLong: ProviderEnd {
        ProviderEnd(.failed(GatewayError(.invalidRequest, "too long", code: "context_length_exceeded")))
    }
}
