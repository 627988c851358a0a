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
                            var record = unsafe pbay_record()
                            unsafe record.size = UInt32(MemoryLayout<pbay_record>.size)
                            unsafe record.id = id
                            unsafe record.kind = kind
                            unsafe record.parent = parent
                            unsafe record.root = root
                            unsafe record.created_ms = created
                            unsafe record.expires_ms = expires ?? 0
                            unsafe record.value = pbay_text(lending: value)
                            return unsafe body(&record)
                        }
                    }
                }
            }
        }
    }
}
