import Synchronization

/// The first of several that race.
final class Once: Sendable {
    private let isTaken = Atomic<Bool>(false)

    /// True the first time, false ever after.
    func claim() -> Bool {
        isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
    }
}
