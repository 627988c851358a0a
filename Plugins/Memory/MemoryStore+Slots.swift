/// Making and freeing records.
extension MemoryStore {
    func rootID(of slot: Int) -> Bytes { entries[chains[entries[slot].chain].root].id }

    /// A new record; a new chain too where it has no parent.
    mutating func insert(_ record: Record, owner: Bytes, parent: Int) -> Int {
        let slot = takeEntry()
        let chain = parent < 0 ? takeChain(root: slot, of: owner) : entries[parent].chain
        change(slot) {
            $0 = Entry(
                owner: owner, id: record.id, kind: record.kind, created: record.created, expires: record.expires,
                version: 1, status: record.status, value: record.value, parent: parent, chain: chain)
        }
        slots[record.id] = slot
        journal.append(.named(record.id))
        scalars.count += 1
        count(record.value.count, of: owner)
        attach(record.blobs, to: slot)
        if parent >= 0 {
            if entries[parent].children == 0 { removeLeaf(parent) }
            change(parent) { $0.children += 1 }
            use(chain)
        }
        addLeaf(slot)
        list(slot)
        return slot
    }

    /// Frees a record without children, and then each ancestor that isn't living and has no other child.
    mutating func erase(_ first: Int, now: Int64) {
        var slot = first
        while true {
            let entry = entries[slot]
            unlist(slot)
            removeLeaf(slot)
            slots[entry.id] = nil
            journal.append(.unnamed(entry.id, slot))
            scalars.count -= 1
            count(-entry.value.count, of: entry.owner)
            detachBlobs(slot)
            if entry.isDeleted { scalars.deleted -= 1 }
            change(slot) { $0 = Entry() }
            freeEntries.append(slot)
            journal.append(.freedEntry)
            guard entry.parent >= 0 else { return giveBackChain(entry.chain) }
            change(entry.parent) { $0.children -= 1 }
            guard entries[entry.parent].children == 0 else { return }
            addLeaf(entry.parent)
            guard !isLiving(entry.parent, at: now) else { return }
            slot = entry.parent
        }
    }

    // MARK: Slots

    private mutating func takeEntry() -> Int {
        if let slot = freeEntries.popLast() {
            journal.append(.tookEntry(slot))
            return slot
        }
        entries.append(Entry())
        journal.append(.grewEntries)
        return entries.count - 1
    }

    private mutating func takeChain(root: Int, of owner: Bytes) -> Int {
        var chain = chains.count
        if let free = freeChains.popLast() {
            journal.append(.tookChain(free))
            chain = free
        } else {
            chains.append(Chain())
            journal.append(.grewChains)
        }
        changeChain(chain) { $0 = Chain(owner: owner, root: root) }
        link(chain)
        return chain
    }

    private mutating func giveBackChain(_ chain: Int) {
        unlink(chain)
        changeChain(chain) { $0 = Chain() }
        freeChains.append(chain)
        journal.append(.freedChain)
    }

    // MARK: Leaves

    private mutating func addLeaf(_ slot: Int) {
        let chain = entries[slot].chain
        let last = chains[chain].lastLeaf
        change(slot) {
            $0.previousLeaf = last
            $0.nextLeaf = -1
        }
        if last >= 0 { change(last) { $0.nextLeaf = slot } }
        changeChain(chain) {
            if last < 0 { $0.firstLeaf = slot }
            $0.lastLeaf = slot
        }
    }

    private mutating func removeLeaf(_ slot: Int) {
        let (chain, previous, next) = (entries[slot].chain, entries[slot].previousLeaf, entries[slot].nextLeaf)
        if previous >= 0 { change(previous) { $0.nextLeaf = next } }
        if next >= 0 { change(next) { $0.previousLeaf = previous } }
        changeChain(chain) {
            if previous < 0 { $0.firstLeaf = next }
            if next < 0 { $0.lastLeaf = previous }
        }
    }

    // MARK: Lists

    /// Puts a record into the list of its owner and kind, and among those that expire.
    mutating func list(_ slot: Int) {
        enter(slot)
        journal.append(.listed(slot))
    }

    mutating func unlist(_ slot: Int) {
        leave(slot)
        journal.append(.unlisted(slot))
    }

    /// A deleted record stands in no list, and goes with its last descendant whether it expires or not.
    func listPlace(of slot: Int) -> (ListKey, ListItem)? {
        let entry = entries[slot]
        guard !entry.isDeleted else { return nil }
        return (
            ListKey(owner: entry.owner, kind: entry.kind), ListItem(created: entry.created, id: entry.id, slot: slot)
        )
    }

    mutating func enter(_ slot: Int) {
        guard let (key, item) = listPlace(of: slot) else { return }
        lists[key, default: SortedArray()].insert(item)
        if entries[slot].expires != 0 { expiring.insert(ExpiryItem(expires: entries[slot].expires, slot: slot)) }
    }

    mutating func leave(_ slot: Int) {
        guard let (key, item) = listPlace(of: slot) else { return }
        lists[key]?.remove(item)
        if lists[key]?.isEmpty == true { lists[key] = nil }
        if entries[slot].expires != 0 { expiring.remove(ExpiryItem(expires: entries[slot].expires, slot: slot)) }
    }
}
