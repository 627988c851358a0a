import Foundation

/// A client with a thread of its own, for tests in which several block at once: a task of the pool would wait for its
/// turn behind other tests that block.
final class ClientThread<Value>: @unchecked Sendable {
    private let condition = NSCondition()
    private var result: Result<Value, any Error>?

    init(_ work: @escaping @Sendable () throws -> Value) {
        Thread { [self] in
            let result = Result(catching: work)
            condition.lock()
            self.result = result
            condition.broadcast()
            condition.unlock()
        }.start()
    }

    /// What came out; waits for it.
    func value() throws -> Value {
        condition.lock()
        defer { condition.unlock() }
        while result == nil { condition.wait() }
        return try result!.get()
    }
}
