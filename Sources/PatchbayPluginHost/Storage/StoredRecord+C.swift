import CPatchbay
internal import PatchbayLifecycle

extension StoredRecord {
    /// Lends the record to a call into a store.
    func withCRecord(kind: String, _ body: (UnsafePointer<pbay_record>) -> Int32) -> Int32 {
        unsafe id.withCText { id in
            unsafe kind.withCText { kind in
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
