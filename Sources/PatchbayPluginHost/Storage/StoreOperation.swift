internal import NIOCore
internal import PatchbayLifecycle
import Synchronization

/// One operation of a store that waits for its answer. The store may answer from any thread, also before its function
/// has returned.
final class StoreOperation: Sendable {
    enum Answer: Sendable {
        /// What was handed out before a good answer.
        case records([StoredCopy])
        case failed(PluginReport)
        /// The store broke the rules.
        case malformed(String)
        /// No answer came in time.
        case late
    }

    @safe private struct State {
        var records: [StoredCopy] = []
        var bytes = 0
        var answer: Answer?
        /// The store's function is still running, or nobody waits yet.
        var isHeld = true
        var waiting: UnsafeContinuation<Answer, Never>?
    }

    let id: UInt64
    /// Of the values and blobs of all records together, at most.
    let maxBytes: Int
    private let maxRecords: Int
    private let state = Mutex(State())

    init(id: UInt64, maxRecords: Int, maxBytes: Int) {
        self.id = id
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
    }

    /// A record of the store's; nil is one that was malformed. False: nobody waits for it any more.
    func take(_ copy: StoredCopy?) -> Bool {
        let isTaken = state.withLock { state in
            guard state.answer == nil else { return false }
            guard let copy else {
                state.answer = .malformed("it handed out a malformed or too large record")
                return false
            }
            state.records.append(copy)
            state.bytes += copy.byteCount
            if state.records.count > maxRecords || state.bytes > maxBytes {
                state.answer = .malformed("it handed out more than was asked for")
                return false
            }
            return true
        }
        if !isTaken { wakeIfDone() }
        return isTaken
    }

    /// The answer; nil is success. False: there was one.
    func complete(_ failure: PluginReport?) -> Bool {
        end { records in failure.map { .failed($0) } ?? .records(records) }
    }

    /// Ends it without the store.
    @discardableResult
    func end(_ answer: Answer) -> Bool { end { _ in answer } }

    private func end(_ answer: ([StoredCopy]) -> Answer) -> Bool {
        let isFirst = state.withLock { state in
            guard state.answer == nil else { return false }
            state.answer = answer(state.records)
            state.records = []
            return true
        }
        wakeIfDone()
        return isFirst
    }

    /// Makes the call, and waits for the answer.
    func answer(to call: () -> PluginReport?) async -> Answer {
        // What the function itself answers goes before anything that it said on the way.
        let refused = call()
        return await unsafe withUnsafeContinuation { continuation in
            state.withLock { state in
                if let refused { state.answer = .failed(refused) }
                state.isHeld = false
                unsafe state.waiting = continuation
            }
            wakeIfDone()
        }
    }

    private func wakeIfDone() {
        let waiting: (UnsafeContinuation<Answer, Never>, Answer)? = unsafe state.withLock { state in
            guard !state.isHeld, let answer = state.answer, let waiting = unsafe state.waiting else { return nil }
            unsafe state.waiting = nil
            return unsafe (waiting, answer)
        }
        if let (continuation, answer) = unsafe waiting { unsafe continuation.resume(returning: answer) }
    }
}
