import CPatchbay
internal import Logging
internal import NIOCore
import NIOPosix
internal import PatchbayLifecycle
internal import PatchbayModel

/// A plugin's store as the lifecycle's port. What the store hands out is checked: the host trusts it with the bytes,
/// not with the rules.
final class StoreAdapter: HistoryStore {
    private let plugin: PluginInstance
    private let table: StorageTable
    private let loops: any EventLoopGroup
    private let timeout: TimeAmount
    private let now: @Sendable () -> Int64
    private let shard = HostRegistry.shared.nextShard()

    /// The largest value that is taken back.
    private static let maxValueBytes = 1 << 30

    /// - Parameters:
    ///   - timeout: for the answer to one operation.
    ///   - now: Unix milliseconds.
    init(
        _ plugin: PluginInstance, table: StorageTable, loops: any EventLoopGroup, timeout: TimeAmount,
        now: @escaping @Sendable () -> Int64
    ) {
        self.plugin = plugin
        self.table = table
        self.loops = loops
        self.timeout = timeout
        self.now = now
    }

    func write(_ writes: [StoreWrite], owner: String, durable: Bool) async throws(GatewayError) {
        let answer = try await unsafe perform(owner: owner, durable: durable) { operation, error in
            if writes.count == 1, case .put(var record, let condition)? = writes.first {
                record.version = condition.version
                return unsafe record.withCRecord { record in
                    unsafe self.table.put(self.plugin.itself, operation, record, condition.code, error)
                }
            }
            return unsafe StoreWrite.withCWrites(writes) { list in
                unsafe self.table.batch(self.plugin.itself, operation, list, UInt64(writes.count), error)
            }
        }
        _ = try records(answer)
    }

    func get(_ id: String, owner: String) async throws(GatewayError) -> StoredRecord? {
        let answer = try await unsafe perform(owner: owner, maxRecords: 1, maxBytes: Self.maxValueBytes) {
            operation, error in
            unsafe id.withCText { unsafe self.table.get(self.plugin.itself, operation, $0, error) }
        }
        guard let found = try found(answer) else { return nil }
        guard let record = found.first, record.record.id == id, !record.isHidden else {
            throw damaged("it answered a get with another record, or none")
        }
        return record.record
    }

    func remove(_ id: String, owner: String, durable: Bool) async throws(GatewayError) -> Bool {
        let answer = try await unsafe perform(owner: owner, durable: durable) { operation, error in
            unsafe id.withCText { unsafe self.table.remove(self.plugin.itself, operation, $0, error) }
        }
        return try found(answer) != nil
    }

    func loadChain(_ leaf: String, owner: String, maxDepth: Int, maxBytes: Int) async throws(GatewayError)
        -> [StoredRecord]?
    {
        let answer = try await unsafe perform(owner: owner, maxRecords: maxDepth, maxBytes: maxBytes) {
            operation, error in
            unsafe leaf.withCText {
                unsafe self.table.loadChain(
                    self.plugin.itself, operation, $0, UInt64(max(0, maxDepth)), UInt64(max(0, maxBytes)), error)
            }
        }
        guard let found = try found(answer) else { return nil }
        return try chain(found, leaf: leaf)
    }

    func list(_ kind: StoredRecord.Kind, owner: String, after: String?, limit: Int) async throws(GatewayError)
        -> [StoredRecord]
    {
        let answer = try await unsafe perform(owner: owner, maxRecords: limit, maxBytes: Self.maxValueBytes) {
            operation, error in
            unsafe kind.rawValue.withCText { kind in
                unsafe (after ?? "").withCText {
                    unsafe self.table.list(self.plugin.itself, operation, kind, $0, UInt64(max(0, limit)), error)
                }
            }
        }
        let found = try records(answer)
        guard found.allSatisfy({ $0.record.kind == kind && !$0.isHidden }) else {
            throw damaged("it answered a list with records that don't belong there")
        }
        return found.map(\.record)
    }

    func sweep(maxBytes: Int?) async throws(GatewayError) {
        let answer = try await unsafe perform(owner: "") { operation, error in
            unsafe self.table.sweep(self.plugin.itself, operation, UInt64(max(0, maxBytes ?? 0)), error)
        }
        _ = try records(answer)
    }

    /// What came from the leaf to the root, checked and turned: each record continues the next, and all name the same
    /// root.
    private func chain(_ found: [StoredCopy], leaf: String) throws(GatewayError) -> [StoredRecord] {
        guard let first = found.first, first.record.id == leaf, !first.isHidden else {
            throw damaged("the chain doesn't begin with the record that was asked for")
        }
        guard let last = found.last, last.record.parent == nil else {
            throw damaged("an ancestor is missing at the chain's beginning")
        }
        for (record, next) in zip(found, found.dropFirst()) where record.record.parent != next.record.id {
            throw damaged("the chain is broken")
        }
        guard found.allSatisfy({ $0.record.root == last.record.id }) else {
            throw damaged("the chain's records belong to different roots")
        }
        return found.reversed().map(\.record)
    }

    // MARK: operations

    private func perform(
        owner: String, durable: Bool = false, maxRecords: Int = 0, maxBytes: Int = 0,
        _ call: (UnsafePointer<pbay_op>, UnsafeMutablePointer<pbay_error>) -> Int32
    ) async throws(GatewayError) -> StoreOperation.Answer {
        guard plugin.enter() else {
            throw GatewayError(.storage, "The store is being stopped.", detail: "plugin \(plugin.name) is stopped")
        }
        defer { plugin.leave() }
        let operation = HostRegistry.shared.operations.insert(shard: shard) { id in
            StoreOperation(id: id, maxRecords: maxRecords, maxBytes: maxBytes)
        }
        guard let operation else {
            throw GatewayError(
                .overloaded, "Too many operations of the store are under way; try again later.", retryAfter: 1,
                detail: "plugin \(plugin.name) has too many operations to answer")
        }
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? loops.next()
        let timer = loop.scheduleTask(in: timeout) { _ = operation.end(.late) }
        let now = now()
        let answer = await operation.answer {
            unsafe owner.withCText { owner in
                var description = unsafe pbay_op(
                    size: UInt32(MemoryLayout<pbay_op>.size), flags: durable ? UInt32(PBAY_OP_DURABLE) : 0,
                    id: operation.id, owner: owner, now_ms: now)
                return unsafe PluginReport.of { error in unsafe call(&description, error) }
            }
        }
        HostRegistry.shared.operations.remove(operation.id)
        timer.cancel()
        return answer
    }

    /// What was handed out; nil where it wasn't found.
    private func found(_ answer: StoreOperation.Answer) throws(GatewayError) -> [StoredCopy]? {
        if case .failed(let report) = answer, report.code == PBAY_ENOTFOUND.code { return nil }
        return try records(answer)
    }

    private func records(_ answer: StoreOperation.Answer) throws(GatewayError) -> [StoredCopy] {
        switch answer {
        case .records(let records): return records
        case .failed(let report): throw GatewayError(store: report, plugin: plugin.name)
        case .malformed(let what): throw damaged(what)
        case .late:
            throw GatewayError(
                .timeout, "The store didn't answer in time.",
                detail: "plugin \(plugin.name) gave no answer within \(timeout)")
        }
    }

    private func damaged(_ what: String) -> GatewayError {
        plugin.logger.error("a store broke its rules", metadata: ["fault": "\(what)"])
        return GatewayError(.storage, "Stored data is missing or damaged.", detail: "plugin \(plugin.name): \(what)")
    }
}
