import CPatchbay
internal import PatchbayLifecycle

/// A record as a store handed it out, copied.
struct StoredCopy: Sendable {
    var record: StoredRecord
    var isHidden: Bool
    /// Of the value and the blobs.
    var byteCount: Int

    /// Nil where it is malformed, or its value and its blobs are together longer than `maxBytes`.
    init?(_ record: pbay_record, maxBytes: Int) {
        guard let id = unsafe record.id.string(limit: 128), !id.isEmpty,
            let parent = unsafe record.parent.string(limit: 128), let root = unsafe record.root.string(limit: 128),
            let kind = unsafe record.kind.string(limit: 32).flatMap(StoredRecord.Kind.init(rawValue:)),
            let value = unsafe record.value.bytes(limit: maxBytes)
        else { return nil }
        guard let blobs = unsafe Self.blobs(record, maxBytes: maxBytes - value.count) else { return nil }
        byteCount = blobs.reduce(value.count) { $0 + $1.data.count }
        let expires = unsafe record.expires_ms
        self.record = unsafe StoredRecord(
            id: id, kind: kind, parent: parent.isEmpty ? nil : parent, root: root, created: record.created_ms,
            expires: expires == 0 ? nil : expires, value: value, blobs: blobs, version: record.version)
        isHidden = unsafe record.flags & UInt32(PBAY_RECORD_HIDDEN) != 0
    }

    private static func blobs(_ record: pbay_record, maxBytes: Int) -> [StoredBlob]? {
        let count = unsafe record.blob_count
        guard count > 0 else { return [] }
        guard count <= UInt64(PBAY_MAX_BLOBS), let start = unsafe record.blobs else { return nil }
        var blobs: [StoredBlob] = []
        blobs.reserveCapacity(Int(count))
        var left = maxBytes
        for index in 0..<Int(count) {
            let blob = unsafe start[index]
            guard let hash = unsafe blob.hash.string(limit: 64), hash.utf8.count == 64,
                hash.utf8.allSatisfy(\.isHexDigit),
                let data = unsafe blob.data.bytes(limit: left)
            else { return nil }
            left -= data.count
            blobs.append(StoredBlob(hash: hash, data: data))
        }
        return blobs
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { (48...57).contains(self) || (97...102).contains(self | 0x20) }
}
