import CPatchbay
internal import PatchbayLifecycle

/// A record as a store handed it out, copied.
struct StoredCopy: Sendable {
    var record: StoredRecord
    var isHidden: Bool

    /// Nil where it is malformed, or its value is longer than `maxBytes`.
    init?(_ record: pbay_record, maxBytes: Int) {
        guard let id = unsafe record.id.string(limit: 128), !id.isEmpty,
            let parent = unsafe record.parent.string(limit: 128), let root = unsafe record.root.string(limit: 128),
            let value = unsafe record.value.bytes(limit: maxBytes)
        else { return nil }
        let expires = unsafe record.expires_ms
        self.record = unsafe StoredRecord(
            id: id, parent: parent.isEmpty ? nil : parent, root: root, created: record.created_ms,
            expires: expires == 0 ? nil : expires, value: value)
        isHidden = unsafe record.flags & UInt32(PBAY_RECORD_HIDDEN) != 0
    }
}
