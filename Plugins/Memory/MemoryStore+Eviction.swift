/// What goes where a bound is passed.
extension MemoryStore {
    /// Makes room for records that were just put and are spared: first among their owner's, then among all.
    mutating func makeRoom(for owner: Bytes, sparing written: Set<Int>, now: Int64) throws(Failure) {
        guard evict(of: owner, toEntries: .max, bytes: maxBytesPerOwner, sparing: written, now: now) else {
            throw .tooLargeForOwner
        }
        guard evict(toEntries: maxEntries, bytes: maxBytes, sparing: written, now: now) else { throw .tooLarge }
    }

    /// Evicts leaves, an owner's or all owners', those of the chain that was used longest ago first, until no more
    /// than that is left or `most` went. Answers whether no more is left.
    mutating func evict(
        of owner: Bytes? = nil, toEntries maxEntries: Int, bytes maxBytes: Int, sparing: Set<Int> = [],
        atMost most: Int = .max, now: Int64
    ) -> Bool {
        var chain = owner.map { owners[$0]?.order.oldest ?? -1 } ?? scalars.order.oldest
        var evicted = 0
        while scalars.count > maxEntries || bytes(of: owner) > maxBytes {
            guard chain >= 0, evicted < most else { return false }
            var leaf = chains[chain].firstLeaf
            while leaf >= 0, sparing.contains(leaf) { leaf = entries[leaf].nextLeaf }
            let next = self.chain(after: chain, ofOwner: owner != nil)
            if leaf < 0 {
                chain = next
                continue
            }
            let root = chains[chain].root
            erase(leaf, now: now)
            evicted += 1
            if chains[chain].root != root { chain = next }  // the whole chain has gone
        }
        return true
    }

    private func bytes(of owner: Bytes?) -> Int {
        guard let owner else { return scalars.bytes }
        return owners[owner]?.bytes ?? 0
    }
}
