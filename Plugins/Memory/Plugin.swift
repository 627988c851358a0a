// The plugin's border: the C tables and the answers. All that is unsafe stands here and in Reading.swift.

import CPatchbay
import PatchbayPluginCommon
import Synchronization

/// One entry under `plugins:`, in the C form that the host knows, and the store behind it.
@safe private final class Instance: Sendable {
    let store: Mutex<MemoryStore>
    /// A value that is larger than this with its blobs is refused before it is copied.
    let maxBytes: Int
    /// What the host knows of the instance; it lives as long.
    nonisolated(unsafe) let table = UnsafeMutablePointer<pbay_instance>.allocate(capacity: 1)

    init(_ configuration: Configuration) {
        unsafe table.initialize(to: pbay_instance())
        store = Mutex(MemoryStore(configuration))
        maxBytes = configuration.maxBytes
    }

    deinit { unsafe table.deallocate() }
}

/// The host's table for answers: set once by the entry, before any instance is made.
private nonisolated(unsafe) let results = unsafe Atomic<UnsafePointer<pbay_storage_results>?>(nil)

// MARK: Answers

/// What an operation has, copied.
private struct Operation {
    var id: pbay_op_id
    var owner: Bytes
    var now: Int64
}

/// What an operation hands out.
private struct Outcome {
    var records: [Record] = []
    var totals: Totals?
    /// Nothing is handed out yet: the work is to be called again, after the lock was free for others.
    var isUnfinished = false
}

private func code(_ kind: Failure.Kind) -> Int32 {
    switch kind {
    case .invalid: Int32(PBAY_EINVALID)
    case .notFound: Int32(PBAY_ENOTFOUND)
    case .conflict: Int32(PBAY_ECONFLICT)
    case .limit: Int32(PBAY_ELIMIT)
    case .dataLoss: Int32(PBAY_EDATALOSS)
    }
}

private func fill(_ error: UnsafeMutablePointer<pbay_error>, _ failure: Failure) -> Int32 {
    unsafe perror_message(error, code(failure.kind), failure.param, failure.message)
}

private func withText<Result>(_ bytes: Bytes, _ body: (pbay_text) -> Result) -> Result {
    unsafe bytes.withUnsafeBytes {
        let start = unsafe $0.baseAddress?.assumingMemoryBound(to: CChar.self)
        return unsafe body(pbay_text(data: start, size: UInt64($0.count)))
    }
}

/// Hands a record to the host, which copies it. Answers whether somebody still waits.
private func send(_ record: Record, _ id: pbay_op_id, _ host: UnsafePointer<pbay_storage_results>) -> Bool {
    var out = unsafe pbay_record()
    unsafe out.size = UInt32(MemoryLayout<pbay_record>.size)
    unsafe out.flags = record.isHidden ? UInt32(PBAY_RECORD_HIDDEN) : 0
    unsafe out.created_ms = record.created
    unsafe out.expires_ms = record.expires
    unsafe out.version = record.version
    unsafe out.status = record.status
    return unsafe withText(record.id) { recordID in
        unsafe withText(record.kind) { kind in
            unsafe withText(record.parent) { parent in
                unsafe withText(record.root) { root in
                    unsafe withText(record.value) { value in
                        unsafe withBlobs(record.blobs) { blobs in
                            unsafe (out.id, out.kind, out.parent, out.root) = unsafe (recordID, kind, parent, root)
                            unsafe out.value = value
                            unsafe (out.blobs, out.blob_count) = (blobs.baseAddress, UInt64(blobs.count))
                            return unsafe host.pointee.record(id, &out) == Int32(PBAY_OK)
                        }
                    }
                }
            }
        }
    }
}

/// Lends the blobs, laid one after the other.
private func withBlobs<Result>(_ blobs: [Blob], _ body: (UnsafeBufferPointer<pbay_blob>) -> Result) -> Result {
    guard !blobs.isEmpty else { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
    var bytes = Bytes()
    bytes.reserveCapacity(blobs.reduce(0) { $0 + $1.hash.count + $1.data.count })
    for blob in blobs {
        bytes += blob.hash
        bytes += blob.data
    }
    return unsafe withText(bytes) { text in
        var place = unsafe text.data
        var lent: [pbay_blob] = unsafe []
        for blob in blobs {
            let hash = unsafe pbay_text(data: place, size: UInt64(blob.hash.count))
            unsafe place = place.map { unsafe $0 + blob.hash.count }
            unsafe lent.append(
                pbay_blob(hash: hash, data: pbay_text(data: place, size: UInt64(blob.data.count))))
            unsafe place = place.map { unsafe $0 + blob.data.count }
        }
        return unsafe lent.withUnsafeBufferPointer { unsafe body($0) }
    }
}

private func send(_ totals: Totals, _ id: pbay_op_id, _ host: UnsafePointer<pbay_storage_results>) {
    var out = pbay_storage_stats()
    out.size = UInt32(MemoryLayout<pbay_storage_stats>.size)
    out.records = UInt64(totals.living)
    out.hidden = UInt64(totals.hidden)
    out.value_bytes = UInt64(totals.bytes)
    out.medium_bytes = UInt64(totals.bytes)
    _ = unsafe host.pointee.stats(id, &out)
}

/// Runs one operation: `prepare` copies and checks the arguments (a failure is answered at once), what it returns is
/// done under the lock, and the answer is given when the lock is released.
private func run(
    _ me: UnsafeMutableRawPointer?, _ op: UnsafePointer<pbay_op>?, _ err: UnsafeMutablePointer<pbay_error>?,
    _ prepare: (Instance) throws(Failure) -> (inout MemoryStore, Operation) throws(Failure) -> Outcome
) -> Int32 {
    guard let me = unsafe me, let op = unsafe op, let err = unsafe err,
        let host = unsafe results.load(ordering: .acquiring)
    else { return Int32(PBAY_EINVALID) }
    let instance = unsafe Unmanaged<Instance>.fromOpaque(me).takeUnretainedValue()
    let operation: Operation
    let work: (inout MemoryStore, Operation) throws(Failure) -> Outcome
    do {
        let header = unsafe read(op, into: pbay_op())
        operation = Operation(
            id: unsafe header.id, owner: try unsafe copy(header.owner, "owner", 0...1024), now: unsafe header.now_ms)
        work = try prepare(instance)
    } catch {
        return unsafe fill(err, error)
    }
    var outcome: Result<Outcome, Failure>
    repeat {
        outcome = instance.store.withLock { store -> Result<Outcome, Failure> in
            do throws(Failure) {
                return .success(try work(&store, operation))
            } catch {
                return .failure(error)
            }
        }
    } while (try? outcome.get().isUnfinished) == true
    switch outcome {
    case .success(let outcome):
        for record in outcome.records where unsafe !send(record, operation.id, host) { break }
        if let totals = outcome.totals { unsafe send(totals, operation.id, host) }
        _ = unsafe host.pointee.complete(operation.id, Int32(PBAY_OK), nil)
    case .failure(let failure):
        var error = perror_empty()
        let code = unsafe fill(&error, failure)
        _ = unsafe host.pointee.complete(operation.id, code, &error)
    }
    return Int32(PBAY_OK)
}

// MARK: The table pbay_storage

private func makeStorage() -> UnsafePointer<pbay_storage> {
    let table = UnsafeMutablePointer<pbay_storage>.allocate(capacity: 1)
    unsafe table.initialize(to: pbay_storage())
    unsafe table.pointee.size = UInt32(MemoryLayout<pbay_storage>.size)
    unsafe table.pointee.put = { me, op, record, wanted, err in
        unsafe run(me, op, err) { (instance) throws(Failure) in
            guard let record = unsafe record else { throw .notFound }
            let write = Write.put(
                try unsafe copyRecord(read(record, into: pbay_record()), maxBytes: instance.maxBytes),
                try precondition(wanted))
            return { (store, op) throws(Failure) in
                try store.write([write], owner: op.owner, now: op.now)
                return Outcome()
            }
        }
    }
    unsafe table.pointee.get = { me, op, id, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            let id = try unsafe copyID(id)
            return { (store, op) throws(Failure) in
                Outcome(records: [try store.get(id, owner: op.owner, now: op.now)])
            }
        }
    }
    unsafe table.pointee.remove = { me, op, id, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            let write = Write.delete(try unsafe copyID(id))
            return { (store, op) throws(Failure) in
                try store.write([write], owner: op.owner, now: op.now)
                return Outcome()
            }
        }
    }
    unsafe table.pointee.load_chain = { me, op, leaf, maxDepth, maxBytes, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            let leaf = try unsafe copyID(leaf)
            return { (store, op) throws(Failure) in
                Outcome(
                    records: try store.loadChain(
                        leaf, maxDepth: maxDepth, maxBytes: maxBytes, owner: op.owner, now: op.now))
            }
        }
    }
    unsafe table.pointee.list = { me, op, kind, after, limit, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            let (kind, after) = (try unsafe copy(kind, "kind", 1...32), try unsafe copy(after, "after", 0...128))
            return { (store, op) throws(Failure) in
                Outcome(
                    records: try store.list(kind: kind, after: after, limit: limit, owner: op.owner, now: op.now))
            }
        }
    }
    unsafe table.pointee.batch = { me, op, writes, count, err in
        unsafe run(me, op, err) { (instance) throws(Failure) in
            let writes = try unsafe copyBatch(writes, count, maxBytes: instance.maxBytes)
            return { (store, op) throws(Failure) in
                try store.write(writes, owner: op.owner, now: op.now)
                return Outcome()
            }
        }
    }
    unsafe table.pointee.touch = { me, op, id, expires, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            let id = try unsafe copyID(id)
            return { (store, op) throws(Failure) in
                try store.touch(id, expires: expires, owner: op.owner, now: op.now)
                return Outcome()
            }
        }
    }
    unsafe table.pointee.sweep = { me, op, bytes, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            var sweep = Sweep(maxBytes: Int(clamping: bytes))
            return { (store, op) throws(Failure) in
                Outcome(isUnfinished: store.advance(&sweep, now: op.now))
            }
        }
    }
    unsafe table.pointee.stats = { me, op, err in
        unsafe run(me, op, err) { (_) throws(Failure) in
            { (store, op) throws(Failure) in Outcome(totals: store.totals(now: op.now)) }
        }
    }
    return unsafe UnsafePointer(table)
}

// MARK: Instance, module, entry

private nonisolated(unsafe) let storage = unsafe makeStorage()

private func create(
    _ id: pbay_instance_id, _ config: pbay_text,
    _ out: UnsafeMutablePointer<UnsafePointer<pbay_instance>?>?, _ err: UnsafeMutablePointer<pbay_error>?
) -> Int32 {
    guard let out = unsafe out, let err = unsafe err else { return Int32(PBAY_EINVALID) }
    let instance: Instance
    do {
        instance = Instance(try unsafe readConfiguration(config))
    } catch {
        return unsafe fill(err, error)
    }
    let table = unsafe instance.table
    unsafe table.pointee.size = UInt32(MemoryLayout<pbay_instance>.size)
    // Retained here, borrowed in every call, released with the table in `destroy`.
    unsafe table.pointee.`self` = Unmanaged.passRetained(instance).toOpaque()
    unsafe table.pointee.get_extension = { _, id in
        guard let id = unsafe id, unsafe String(cString: id) == PBAY_STORAGE else { return nil }
        return unsafe UnsafeRawPointer(storage)
    }
    unsafe table.pointee.start = { _, _ in Int32(PBAY_OK) }
    unsafe table.pointee.stop = { _ in }
    unsafe table.pointee.destroy = { me in
        if let me = unsafe me { unsafe Unmanaged<Instance>.fromOpaque(me).release() }
    }
    unsafe out.pointee = UnsafePointer(table)
    return Int32(PBAY_OK)
}

/// Reads `{"max_entries": …, "max_bytes": …, "max_bytes_per_owner": …}`.
private func readConfiguration(_ text: pbay_text) throws(Failure) -> Configuration {
    var configuration = Configuration()
    var document = unsafe pjson_value()
    var place = 0
    guard unsafe pjson_parse(text.data, Int(clamping: text.size), &document, &place) == 1,
        unsafe document.kind == Int32(PJSON_OBJECT)
    else {
        throw Failure(kind: .invalid, param: "", message: "The configuration must be one JSON object (byte \(place)).")
    }
    var members = unsafe pjson_iterate(document)
    var key = unsafe pjson_value()
    var value = unsafe pjson_value()
    while unsafe pjson_next(&members, &key, &value) == 1 {
        var name = Bytes(repeating: 0, count: unsafe pjson_decode(key, nil, 0))
        let count = name.count
        _ = unsafe name.withUnsafeMutableBytes {
            unsafe pjson_decode(key, $0.baseAddress?.assumingMemoryBound(to: CChar.self), count)
        }
        var number: Int64 = 0
        let isInteger = unsafe pjson_int(value, &number) == 1
        try configuration.set(String(decoding: name, as: UTF8.self), to: isInteger ? number : nil)
    }
    return configuration
}

private func makeModule() -> UnsafePointer<pbay_module> {
    func text(_ constant: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(constant.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    let interfaces = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: 2)
    unsafe interfaces.initialize(to: text("patchbay.storage/1"))
    unsafe (interfaces + 1).initialize(to: nil)
    let module = UnsafeMutablePointer<pbay_module>.allocate(capacity: 1)
    unsafe module.initialize(to: pbay_module())
    unsafe module.pointee.size = UInt32(MemoryLayout<pbay_module>.size)
    unsafe module.pointee.id = text("patchbay.memory")
    unsafe module.pointee.version = text("1.0.0")
    unsafe module.pointee.licence = text("Apache-2.0")
    unsafe module.pointee.description = text("Keeps records in memory, the most recently used")
    unsafe module.pointee.interfaces = UnsafePointer(interfaces)
    unsafe module.pointee.create = create
    return unsafe UnsafePointer(module)
}

/// The plugin's one exported symbol. The tables live as long as the process, as the ABI asks.
@_cdecl("patchbay_plugin_entry_v1")
public func patchbayPluginEntry(
    _ host: UnsafePointer<pbay_host>?, _ out: UnsafeMutablePointer<UnsafePointer<pbay_module>?>?,
    _ err: UnsafeMutablePointer<pbay_error>?
) -> Int32 {
    guard let host = unsafe host, let out = unsafe out, let err = unsafe err else { return Int32(PBAY_EINVALID) }
    guard let found = unsafe host.pointee.get_extension(PBAY_HOST_STORAGE_RESULTS) else {
        return unsafe perror_message(err, Int32(PBAY_EUNSUPPORTED), nil, "This host takes no results of a store.")
    }
    unsafe results.store(found.assumingMemoryBound(to: pbay_storage_results.self), ordering: .releasing)
    unsafe out.pointee = makeModule()
    return Int32(PBAY_OK)
}
