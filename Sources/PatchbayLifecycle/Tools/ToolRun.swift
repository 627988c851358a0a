import NIOCore
import PatchbayModel

/// One call of a tool while it runs: takes its output, as much as the model is told of it, and sees to its time.
/// Confined to the exchange's strand.
final class ToolRun: ProviderReceiver, @unchecked Sendable {
    let tool: ServerTool
    private let invocation: ToolInvocation
    private var text = ""
    /// The output is longer than what is kept of it.
    private var isCut = false
    private var call: (any ProviderCall)?
    private var timer: Scheduled<Void>?
    private var isOverdue = false
    private var outcome: ToolOutcome?
    private var waiter: CheckedContinuation<ToolOutcome, Never>?
    /// What is to be done when it has ended.
    private var whenEnded: (() -> Void)?

    init(_ tool: ServerTool, _ invocation: ToolInvocation) {
        self.tool = tool
        self.invocation = invocation
    }

    /// Begins the call. `whenEnded` follows once, perhaps before this returns.
    func start(on strand: any EventLoop, whenEnded: @escaping () -> Void) {
        self.whenEnded = whenEnded
        guard outcome == nil else { return settle(outcome ?? .cancelled) }
        tool.counts.countCall()
        do throws(GatewayError) {
            call = try tool.runner.invoke(invocation, on: strand, receiver: self)
        } catch {
            return settle(.failed(error))
        }
        timer = strand.assumeIsolated().scheduleTask(in: .milliseconds(Int64(tool.timeout))) {
            self.isOverdue = true
            self.call?.cancel(.deadline)
        }
    }

    /// Returns when the call has ended.
    func end() async -> ToolOutcome {
        await withCheckedContinuation { continuation in
            if let outcome { continuation.resume(returning: outcome) } else { waiter = continuation }
        }
    }

    /// Ends the call at once, or does so that it doesn't begin.
    func cancel(_ reason: CancelReason) {
        if let call { call.cancel(reason) } else { settle(.cancelled) }
    }

    // MARK: ProviderReceiver

    func receive(_ event: ProviderEvent) -> Demand {
        guard case .text(let more) = event, outcome == nil, !isCut else { return .more }
        let room = tool.maxOutput - text.utf8.count
        isCut = more.utf8.count > room
        text += more.prefix(bytes: room)
        return .more
    }

    func end(_ end: ProviderEnd) {
        switch end.outcome {
        case .failed(let error) where error.kind == .cancelled: settle(isOverdue ? .timedOut(tool.timeout) : .cancelled)
        case .failed(let error): settle(.failed(error))
        case .stop, .length, .contentFilter: settle(.output(output))
        }
    }

    private var output: String {
        guard isCut else { return text }
        return text + "\n[The output was longer and was cut here, after \(text.utf8.count) bytes.]"
    }

    private func settle(_ outcome: ToolOutcome) {
        timer?.cancel()
        (timer, call) = (nil, nil)
        if self.outcome == nil {
            self.outcome = outcome
            waiter?.resume(returning: outcome)
            waiter = nil
        }
        let whenEnded = whenEnded
        self.whenEnded = nil
        whenEnded?()
    }
}

extension String {
    /// The text with at most `limit` bytes, cut on a character's border.
    func prefix(bytes limit: Int) -> Substring {
        guard utf8.count > limit else { return self[...] }
        var end = utf8.index(utf8.startIndex, offsetBy: max(0, limit))
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end]
    }
}
