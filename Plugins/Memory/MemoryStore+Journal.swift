/// Undoing an operation that failed half way: every change was noted with what was there before, and is undone in
/// reverse.
extension MemoryStore {
    enum Undo {
        case entry(Int, Entry)
        case chain(Int, Chain)
        case named(Bytes)
        case unnamed(Bytes, Int)
        case tookEntry(Int)
        case grewEntries
        case freedEntry
        case tookChain(Int)
        case grewChains
        case freedChain
        case listed(Int)
        case unlisted(Int)
        case blob(BlobKey, KeptBlob?)
        case owner(Bytes, OwnerState?)
    }

    mutating func change(_ slot: Int, _ body: (inout Entry) -> Void) {
        journal.append(.entry(slot, entries[slot]))
        body(&entries[slot])
    }

    mutating func changeChain(_ chain: Int, _ body: (inout Chain) -> Void) {
        journal.append(.chain(chain, chains[chain]))
        body(&chains[chain])
    }

    /// What is done stays done; the values that the journal held are freed.
    mutating func forget() {
        journal.removeAll(keepingCapacity: journal.capacity < 1024)
    }

    mutating func rollBack(to before: Scalars) {
        while let undo = journal.popLast() {
            switch undo {
            case .entry(let slot, let entry): entries[slot] = entry
            case .chain(let chain, let old): chains[chain] = old
            case .named(let id): slots[id] = nil
            case .unnamed(let id, let slot): slots[id] = slot
            case .tookEntry(let slot): freeEntries.append(slot)
            case .grewEntries: entries.removeLast()
            case .freedEntry: freeEntries.removeLast()
            case .tookChain(let chain): freeChains.append(chain)
            case .grewChains: chains.removeLast()
            case .freedChain: freeChains.removeLast()
            case .listed(let slot): leave(slot)
            case .unlisted(let slot): enter(slot)
            case .blob(let key, let old): blobs[key] = old
            case .owner(let name, let old): owners[name] = old
            }
        }
        scalars = before
    }
}
