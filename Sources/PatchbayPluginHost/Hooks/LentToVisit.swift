/// What a visit has borrowed, until its verdict. Behind the lock of its `VisitState`.
final class LentToVisit {
    var document: LentBytes?
    private var values: [LentBytes] = []
    private var valueBytes = 0

    /// Keeps a value of the bag; the one that was lent before where it is the same. Nil: that would be too much.
    func keep(_ value: [UInt8]) -> LentBytes? {
        if let same = values.first(where: { $0.equals(value) }) { return same }
        guard valueBytes + value.count + EventQueue.overhead <= VisitState.maxBytes else { return nil }
        let lent = LentBytes(value)
        values.append(lent)
        valueBytes += value.count + EventQueue.overhead
        return lent
    }
}
