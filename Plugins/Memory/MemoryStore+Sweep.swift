/// A sweep, done in steps, so that others have the store between two of them.
struct Sweep {
    /// Bytes of values that may stay; 0: no bound.
    let maxBytes: Int
    /// What was expired when the sweep began and has not been looked at; nil before.
    fileprivate var expired: ArraySlice<ExpiryItem>?

    init(maxBytes: Int) { self.maxBytes = maxBytes }
}

extension MemoryStore {
    private static var recordsAStep: Int { 256 }

    /// Gives back what is expired and needed by no living record, then evicts down to the sweep's bound. Answers
    /// whether there is more to do.
    mutating func advance(_ sweep: inout Sweep, now: Int64) -> Bool {
        defer { forget() }
        guard let expired = sweep.expired else {
            sweep.expired = expiredItems(now: now)
            return true
        }
        if !expired.isEmpty {
            // A record with a child goes when its last child does; an ancestor may have gone with its last descendant.
            for item in expired.prefix(Self.recordsAStep)
            where expiring.contains(item) && entries[item.slot].children == 0 {
                erase(item.slot, now: now)
            }
            sweep.expired = expired.dropFirst(Self.recordsAStep)
            return true
        }
        guard sweep.maxBytes > 0, scalars.bytes > sweep.maxBytes else { return false }
        return !evict(toEntries: .max, bytes: sweep.maxBytes, atMost: Self.recordsAStep, now: now)
    }

    /// The latest first: children are mostly younger than their parents, and taking from the end moves little.
    private func expiredItems(now: Int64) -> ArraySlice<ExpiryItem> {
        var items: ArraySlice<ExpiryItem> = []
        expiring.forEachDescending(below: .end(of: now)) {
            items.append($0)
            return true
        }
        return items
    }
}
