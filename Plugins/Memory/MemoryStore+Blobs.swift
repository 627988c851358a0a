/// Large pieces of records, kept once for each owner and hash, and counted once.
extension MemoryStore {
    /// Which blob: another owner's is another blob.
    struct BlobKey: Hashable {
        var owner: Bytes
        var hash: Bytes
    }

    struct KeptBlob {
        var data: Bytes
        /// How often records have it; one may have it twice.
        var uses: Int
    }

    /// Gives a record, which has none, its blobs. Where the owner has one already, that one's data is used.
    mutating func attach(_ added: [Blob], to slot: Int) {
        guard !added.isEmpty else { return }
        var shared = added
        for index in shared.indices {
            let key = BlobKey(owner: entries[slot].owner, hash: shared[index].hash)
            var kept = blobs[key] ?? KeptBlob(data: shared[index].data, uses: 0)
            if kept.uses == 0 { count(kept.data.count, of: key.owner) }
            kept.uses += 1
            keep(kept, as: key)
            shared[index].data = kept.data
        }
        change(slot) { $0.blobs = shared }
    }

    /// Takes a record's blobs from it; those that no record has any more go.
    mutating func detachBlobs(_ slot: Int) {
        let detached = entries[slot].blobs
        guard !detached.isEmpty else { return }
        for blob in detached {
            let key = BlobKey(owner: entries[slot].owner, hash: blob.hash)
            guard var kept = blobs[key] else { continue }
            kept.uses -= 1
            if kept.uses == 0 { count(-kept.data.count, of: key.owner) }
            keep(kept.uses == 0 ? nil : kept, as: key)
        }
        change(slot) { $0.blobs = [] }
    }

    private mutating func keep(_ blob: KeptBlob?, as key: BlobKey) {
        journal.append(.blob(key, blobs[key]))
        blobs[key] = blob
    }
}
