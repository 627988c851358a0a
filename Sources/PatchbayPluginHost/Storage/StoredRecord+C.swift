import CPatchbay
internal import PatchbayLifecycle

extension StoredRecord {
    /// Lends the record to a call into a store.
    func withCRecord(_ body: (UnsafePointer<pbay_record>) -> Int32) -> Int32 {
        unsafe id.withCText { id in
            unsafe kind.rawValue.withCText { kind in
                unsafe (parent ?? "").withCText { parent in
                    unsafe root.withCText { root in
                        unsafe value.withUnsafeBytes { value in
                            unsafe withCBlobs { blobs in
                                var record = unsafe pbay_record()
                                unsafe record.size = UInt32(MemoryLayout<pbay_record>.size)
                                unsafe record.id = id
                                unsafe record.kind = kind
                                unsafe record.parent = parent
                                unsafe record.root = root
                                unsafe record.created_ms = created
                                unsafe record.expires_ms = expires ?? 0
                                unsafe record.version = version
                                unsafe record.value = pbay_text(lending: value)
                                unsafe record.blobs = blobs.baseAddress
                                unsafe record.blob_count = UInt64(blobs.count)
                                return unsafe body(&record)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Lends the blobs, laid one after the other: hash and data, hash and data.
    private func withCBlobs(_ body: (UnsafeBufferPointer<pbay_blob>) -> Int32) -> Int32 {
        guard !blobs.isEmpty else { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blobs.reduce(0) { $0 + $1.hash.utf8.count + $1.data.count })
        for blob in blobs {
            bytes.append(contentsOf: blob.hash.utf8)
            bytes.append(contentsOf: blob.data)
        }
        return unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            func next(_ count: Int) -> pbay_text {
                defer { unsafe rest = rest.dropFirst(count) }
                return unsafe pbay_text(lending: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            }
            let lent = unsafe blobs.map { unsafe pbay_blob(hash: next($0.hash.utf8.count), data: next($0.data.count)) }
            return unsafe lent.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}

extension StoreWrite {
    /// Lends the writes, laid one after the other, to a call into a store.
    static func withCWrites(_ writes: [StoreWrite], _ body: (UnsafePointer<pbay_write>?) -> Int32) -> Int32 {
        unsafe lend(writes[...], after: [], body)
    }

    /// Lends the first, and with it the others. A batch has a handful.
    private static func lend(
        _ writes: ArraySlice<StoreWrite>, after lent: [pbay_write], _ body: (UnsafePointer<pbay_write>?) -> Int32
    ) -> Int32 {
        guard let first = writes.first else {
            return unsafe lent.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
        var write = unsafe pbay_write()
        unsafe write.size = UInt32(MemoryLayout<pbay_write>.size)
        switch first {
        case .put(var record, let condition):
            unsafe write.verb = UInt32(PBAY_WRITE_PUT)
            unsafe write.precondition = condition.code
            record.version = condition.version
            return unsafe record.withCRecord { record in
                unsafe write.record = record.pointee
                return unsafe lend(writes.dropFirst(), after: lent + [write], body)
            }
        case .remove(let id):
            unsafe write.verb = UInt32(PBAY_WRITE_DELETE)
            return unsafe id.withCText { id in
                unsafe write.record.size = UInt32(MemoryLayout<pbay_record>.size)
                unsafe write.record.id = id
                return unsafe lend(writes.dropFirst(), after: lent + [write], body)
            }
        }
    }
}

extension PutCondition {
    var code: UInt32 {
        switch self {
        case .absent: UInt32(PBAY_PUT_ABSENT)
        case .version: UInt32(PBAY_PUT_VERSION)
        }
    }

    var version: UInt64 {
        if case .version(let version) = self { version } else { 0 }
    }
}
