/// A request that waits at a deferred visit for an equal one.
struct Waiter {
    let visit: UInt64
    let ticket: Ticket
    /// By the cache's clock, nanoseconds.
    let deadline: UInt64
}
