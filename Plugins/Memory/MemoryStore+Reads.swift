extension MemoryStore {
    /// A record as it is handed out.
    private func record(at slot: Int, now: Int64) -> Record {
        let entry = entries[slot]
        return Record(
            id: entry.id, kind: entry.kind, parent: entry.parent < 0 ? [] : entries[entry.parent].id,
            root: rootID(of: slot), created: entry.created, expires: entry.expires, version: entry.version,
            status: entry.status, isHidden: !isLiving(slot, at: now), value: entry.value,
            blobs: entry.blobs)
    }

    func get(_ id: Bytes, owner: Bytes, now: Int64) throws(Failure) -> Record {
        record(at: try find(id, of: owner, at: now), now: now)
    }

    /// The leaf and its ancestors. Counts as a use of the chain.
    mutating func loadChain(
        _ leaf: Bytes, maxDepth: UInt64, maxBytes: UInt64, owner: Bytes, now: Int64
    ) throws(Failure) -> [Record] {
        var slot = try find(leaf, of: owner, at: now)
        use(entries[slot].chain)
        forget()
        var records: [Record] = []
        var bytes: UInt64 = 0
        while slot >= 0 {
            if UInt64(records.count) == maxDepth { throw .tooDeep }
            let record = record(at: slot, now: now)
            bytes += UInt64(record.byteCount)
            if bytes > maxBytes { throw .tooManyBytes }
            records.append(record)
            slot = entries[slot].parent
        }
        return records
    }

    /// Living records of a kind, the newest first, after the record `after` (empty: from the newest).
    func list(
        kind: Bytes, after: Bytes, limit: UInt64, owner: Bytes, now: Int64
    ) throws(Failure) -> [Record] {
        var end: ListItem?
        if !after.isEmpty {
            guard let slot = slots[after], entries[slot].owner == owner, isLiving(slot, at: now) else {
                throw .noCursor
            }
            end = ListItem(created: entries[slot].created, id: after, slot: slot)
        }
        var records: [Record] = []
        lists[ListKey(owner: owner, kind: kind)]?.forEachDescending(below: end) { item in
            guard UInt64(records.count) < limit else { return false }
            if isLiving(item.slot, at: now) { records.append(record(at: item.slot, now: now)) }
            return true
        }
        return records
    }

    /// What is expired but not yet swept counts as hidden.
    func totals(now: Int64) -> Totals {
        let hidden = scalars.deleted + expiring.count(below: .end(of: now))
        return Totals(living: scalars.count - hidden, hidden: hidden, bytes: scalars.bytes)
    }
}
