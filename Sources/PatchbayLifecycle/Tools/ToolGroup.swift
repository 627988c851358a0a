import NIOCore
import PatchbayModel

/// The calls of one round that run, some at a time; cancelled together, as the one call that the exchange knows.
/// Confined to the exchange's strand.
final class ToolGroup: ProviderCall, @unchecked Sendable {
    /// How many tools of one answer run at a time.
    static let maxRunning = 8

    private let strand: any EventLoop
    private let runs: [ToolRun]
    private var next = 0
    private var running = 0
    private var isCancelled = false
    private var deadline: Scheduled<Void>?
    /// The whole answer's time ran out.
    private(set) var isLate = false

    init(_ runs: [ToolRun], strand: any EventLoop) {
        self.runs = runs
        self.strand = strand
    }

    /// `left`: milliseconds that are left for the whole answer; nil: no limit.
    func start(left: Int?) {
        if let left, !runs.isEmpty {
            deadline = strand.assumeIsolated().scheduleTask(in: .milliseconds(Int64(left))) {
                self.isLate = true
                self.cancel(.deadline)
            }
        }
        startNext()
    }

    /// No more calls of the group are waited for; those that still run are cancelled.
    func end() {
        deadline?.cancel()
        deadline = nil
        cancel(.limit)
    }

    func resume() {}

    func cancel(_ reason: CancelReason) {
        guard !isCancelled else { return }
        isCancelled = true
        for run in runs { run.cancel(reason) }
    }

    private func startNext() {
        while !isCancelled, running < Self.maxRunning, next < runs.count {
            next += 1
            running += 1
            runs[next - 1].start(on: strand) {
                self.running -= 1
                self.startNext()
            }
        }
    }
}
