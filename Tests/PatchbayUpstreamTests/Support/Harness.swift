import Logging
import NIOCore
import NIOPosix
import PatchbayUpstream

/// A client and one loop to call from.
struct Harness: Sendable {
    let client: UpstreamClient
    let loop: any EventLoop

    init(_ configure: (inout UpstreamConfiguration) -> Void = { _ in }) {
        var configuration = UpstreamConfiguration()
        configure(&configuration)
        client = UpstreamClient(configuration: configuration, logger: Logger(label: "test"))
        loop = MultiThreadedEventLoopGroup.singleton.next()
    }

    init(client: UpstreamClient, loop: any EventLoop) {
        self.client = client
        self.loop = loop
    }

    /// Runs a call to its end.
    func perform(_ request: UpstreamRequest, _ hooks: Recorder.Hooks = .init()) async throws -> Recorded {
        try await begin(request, hooks).get()
    }

    func get(_ url: String, _ change: (inout UpstreamRequest) -> Void = { _ in }) async throws -> Recorded {
        var request = UpstreamRequest(method: "GET", url: url)
        change(&request)
        return try await perform(request)
    }

    /// Starts a call; the future succeeds with what its delegate heard, or fails if the request is refused.
    func begin(_ request: UpstreamRequest, _ hooks: Recorder.Hooks = .init()) -> EventLoopFuture<Recorded> {
        loop.flatSubmit { [client, loop] in
            let promise = loop.makePromise(of: Recorded.self)
            let recorder = Recorder(hooks, promise)
            do {
                let call = try client.start(request, on: loop, delegate: recorder)
                recorder.call = call
                hooks.started(call)
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }
    }
}
