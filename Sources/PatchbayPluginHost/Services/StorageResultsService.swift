import CPatchbay

/// The table of PBAY_HOST_STORAGE_RESULTS.
var storageResultsAPI: pbay_storage_results {
    unsafe pbay_storage_results(
        size: UInt32(MemoryLayout<pbay_storage_results>.size), reserved: 0, record: takeRecord, stats: takeStats,
        complete: completeOperation)
}

private func takeRecord(_ id: pbay_op_id, _ record: UnsafePointer<pbay_record>?) -> Int32 {
    guard let operation = HostRegistry.shared.operations[id] else { return PBAY_CLOSED.code }
    let copy = unsafe record.flatMap { unsafe StoredCopy(pbay_record(plugin: $0), maxBytes: operation.maxBytes) }
    return operation.take(copy) ? PBAY_OK.code : PBAY_CLOSED.code
}

/// The host asks for no statistics yet; they are taken and left.
private func takeStats(_ id: pbay_op_id, _ stats: UnsafePointer<pbay_storage_stats>?) -> Int32 {
    HostRegistry.shared.operations[id] == nil ? PBAY_CLOSED.code : PBAY_OK.code
}

private func completeOperation(_ id: pbay_op_id, _ code: Int32, _ error: UnsafePointer<pbay_error>?) -> Int32 {
    guard let operation = HostRegistry.shared.operations[id] else { return PBAY_CLOSED.code }
    guard code < 0 else { return operation.complete(nil) ? PBAY_OK.code : PBAY_CLOSED.code }
    let report = unsafe error.map { unsafe PluginReport(pbay_error(plugin: $0), code: code) }
    return operation.complete(report ?? PluginReport(code: code)) ? PBAY_OK.code : PBAY_CLOSED.code
}
