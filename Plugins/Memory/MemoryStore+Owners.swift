/// What each owner has. One who has nothing takes no memory.
extension MemoryStore {
    struct OwnerState {
        /// Of values and blobs, each of these once.
        var bytes = 0
        /// The order in which its chains were used.
        var order = UseOrder()
    }

    /// Counts bytes that came or went, for all and for their owner, who has a chain.
    mutating func count(_ bytes: Int, of owner: Bytes) {
        scalars.bytes += bytes
        changeOwner(owner) { $0.bytes += bytes }
    }

    /// An owner comes with the first chain and goes with the last.
    mutating func changeOwner(_ owner: Bytes, _ body: (inout OwnerState) -> Void) {
        let old = owners[owner]
        journal.append(.owner(owner, old))
        var state = old ?? OwnerState()
        body(&state)
        owners[owner] = state.order.isEmpty ? nil : state
    }
}
