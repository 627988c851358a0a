import NIOCore
import Synchronization

/// One at a time for each conversation, in the order in which they came. Holds only what is locked just now: as many
/// conversations and waiters as there are requests under way.
final class ConversationLocks: Sendable {
    struct Key: Hashable {
        var owner: String
        var id: String
    }

    /// A key that is there is locked; the list is who waits for it.
    private let waiters = Mutex<[Key: CircularBuffer<CheckedContinuation<Void, Never>>]>([:])

    /// Does `body` while nobody else does something under this key in this process.
    func withLock<Value: Sendable, Failure: Error>(
        _ key: Key, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await lock(key)
        defer { unlock(key) }
        return try await body()
    }

    /// How many keys are locked.
    var count: Int { waiters.withLock { $0.count } }

    /// How many wait for a key.
    func waiting(for key: Key) -> Int { waiters.withLock { $0[key]?.count ?? 0 } }

    private func lock(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = waiters.withLock { waiters in
                guard waiters[key] == nil else {
                    waiters[key]?.append(continuation)
                    return false
                }
                waiters[key] = CircularBuffer(initialCapacity: 0)
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands the lock to who waits longest.
    private func unlock(_ key: Key) {
        let next = waiters.withLock { waiters in
            let next = waiters[key]?.popFirst()
            if next == nil { waiters[key] = nil }
            return next
        }
        next?.resume()
    }
}
