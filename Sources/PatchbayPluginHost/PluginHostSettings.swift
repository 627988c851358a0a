package import NIOCore
internal import PatchbayLifecycle

/// What holds for all plugins of a `PluginHost`.
package struct PluginHostSettings: Sendable {
    /// The folders in which libraries are looked for, in order.
    package var searchPath: [String]
    package var limits: StreamLimits
    /// For the answer to one operation of a store.
    package var storeTimeout: TimeAmount
    /// For each [init] function when plugins are drained and stopped.
    package var stopTimeout: TimeAmount
    /// Threads of one plugin's for its calls that may block, at the same time.
    package var maxWorkers: Int
    /// Its calls that wait for such a thread.
    package var maxWaitingCalls: Int
    /// The time in Unix milliseconds, for stores.
    package var now: @Sendable () -> Int64

    package init(
        searchPath: [String] = [], limits: StreamLimits = StreamLimits(), storeTimeout: TimeAmount = .seconds(30),
        stopTimeout: TimeAmount = .seconds(10), maxWorkers: Int = 32, maxWaitingCalls: Int = 1024,
        now: @escaping @Sendable () -> Int64 = { SystemClock().milliseconds }
    ) {
        self.searchPath = searchPath
        self.limits = limits
        self.storeTimeout = storeTimeout
        self.stopTimeout = stopTimeout
        self.maxWorkers = maxWorkers
        self.maxWaitingCalls = maxWaitingCalls
        self.now = now
    }
}
