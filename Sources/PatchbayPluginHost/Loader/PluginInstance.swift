import CPatchbay
internal import Logging
import Synchronization

/// One configured plugin, from `create` to `destroy`.
///
/// The pointers are the plugin's and live until `destroy`. [init] functions are called by `PluginHost` on the loader's
/// thread alone.
@safe final class PluginInstance: @unchecked Sendable {
    let name: String
    let library: String
    let image: PluginImage
    private let handle: InstanceHandle
    /// Calls and operations that the plugin hasn't given back.
    let work = WorkCount()
    /// Calls that were cancelled, and not ended within the grace.
    let overdue = Atomic<Int>(0)
    /// Verdicts that it gave of a visit that had one.
    let secondVerdicts = Atomic<Int>(0)
    /// For its functions that may block; there is no thread before the first call.
    let workers: WorkerThreads

    private let table: pbay_instance
    let provider: ProviderTable?
    /// Begins counts; nil where the plugin has none of its own.
    let tokenCount: ProviderTable?
    /// Begins calls for vectors, and how many inputs one may carry; nil where the plugin makes none.
    let embeddings: (table: ProviderTable, maxInputs: Int)?
    let storage: StorageTable?
    let hooks: HookTable?
    let tools: ToolTable?
    private let knownModels = Mutex(ProviderModels())
    private let knownTools = Mutex(ToolList())
    /// What the instance offers.
    let interfaces: [String]
    private let isStarted = Atomic<Bool>(false)
    private let isServing = Atomic<Bool>(false)

    /// What a provider said of its models when it had started.
    var models: ProviderModels { knownModels.withLock { $0 } }

    /// What the plugin's functions are given.
    var itself: UnsafeMutableRawPointer? { unsafe table.`self` }

    /// The host's lines about it, and its own.
    var logger: Logger { handle.logger }

    /// [init] Makes an instance.
    static func make(
        _ description: PluginDescription, of image: PluginImage, settings: PluginHostSettings, logger: Logger
    ) throws(LibraryFault) -> PluginInstance {
        let handle = HostRegistry.shared.instances.insert(shard: 0) { InstanceHandle(id: $0, logger: logger) }
        guard let handle else {
            throw LibraryFault(.createRefused, "there are too many plugins")
        }
        do throws(LibraryFault) {
            let workers = WorkerThreads(
                name: description.name, maxThreads: settings.maxWorkers, maxWaiting: settings.maxWaitingCalls)
            return try PluginInstance(description, of: image, handle: handle, workers: workers)
        } catch {
            HostRegistry.shared.instances.remove(handle.id)
            throw error
        }
    }

    private init(
        _ description: PluginDescription, of image: PluginImage, handle: InstanceHandle, workers: WorkerThreads
    ) throws(LibraryFault) {
        self.name = description.name
        self.workers = workers
        self.library = description.library
        self.image = image
        self.handle = handle
        var made: UnsafePointer<pbay_instance>?
        let report = unsafe description.config.withUnsafeBytes { config in
            unsafe PluginReport.of { error in unsafe image.create(handle.id, pbay_text(lending: config), &made, error) }
        }
        if let report {
            throw LibraryFault(
                .createRefused, report.summary, param: report.param.isEmpty ? nil : report.param)
        }
        guard let made = unsafe made else { throw Self.malformed("create handed out no instance") }
        let size = unsafe Int(made.pointee.size)
        let least = unsafe MemoryLayout<pbay_instance>.size
        guard size >= least else {
            throw Self.malformed("pbay_instance has the size \(size), at least \(least) is needed")
        }
        let table = unsafe pbay_instance(plugin: made)
        unsafe self.table = table
        guard unsafe table.get_extension != nil, unsafe table.start != nil, unsafe table.stop != nil,
            unsafe table.destroy != nil
        else {
            throw Self.malformed("get_extension, start, stop or destroy of pbay_instance is null")
        }
        func find(_ id: String) -> UnsafeRawPointer? {
            unsafe id.withCString { unsafe table.get_extension(table.`self`, $0) }
        }
        do {
            provider = unsafe try find(PBAY_PROVIDER).map { p throws(LibraryFault) in unsafe try ProviderTable(p) }
            let provider = provider
            tokenCount = try provider.flatMap { provider throws(LibraryFault) in
                unsafe try find(PBAY_TOKEN_COUNT).map { p throws(LibraryFault) in unsafe try provider.counting(p) }
            }
            embeddings = try provider.flatMap { provider throws(LibraryFault) in
                unsafe try find(PBAY_EMBEDDINGS).map { p throws(LibraryFault) in unsafe try provider.embedding(p) }
            }
            storage = unsafe try find(PBAY_STORAGE).map { p throws(LibraryFault) in unsafe try StorageTable(p) }
            hooks = unsafe try find(PBAY_HOOKS).map { p throws(LibraryFault) in unsafe try HookTable(p) }
            tools = unsafe try find(PBAY_TOOLS).map { p throws(LibraryFault) in unsafe try ToolTable(p) }
        } catch {
            unsafe table.destroy(table.`self`)
            throw error
        }
        let known = [PBAY_PROVIDER, PBAY_TOKEN_COUNT, PBAY_EMBEDDINGS, PBAY_STORAGE, PBAY_HOOKS, PBAY_TOOLS]
        interfaces = (known + image.interfaces.filter { !known.contains($0) }).filter { unsafe find($0) != nil }
    }

    /// [init]
    func start() throws(LibraryFault) {
        if let report = unsafe PluginReport.of({ unsafe table.start(itself, $0) }) {
            throw LibraryFault(
                .startFailed, "it couldn't start: \(report.summary)", param: report.param.isEmpty ? nil : report.param)
        }
        isStarted.store(true, ordering: .releasing)
        askModels()
        try askTools()
        isServing.store(true, ordering: .releasing)
    }

    /// What it said of its tools when it had started.
    var toolList: ToolList { knownTools.withLock { $0 } }

    private func askTools() throws(LibraryFault) {
        guard let tools else { return }
        let found = unsafe try ToolList(tools, of: itself)
        knownTools.withLock { $0 = found }
    }

    private func askModels() {
        guard let provider else { return }
        let found = unsafe ProviderModels(provider, of: itself, makesVectors: embeddings != nil)
        for (model, word) in found.unknown {
            logger.warning(
                "the plugin names a tool markup that this host doesn't know",
                metadata: ["model": "\(model)", "markup": "\(word)"])
        }
        knownModels.withLock { $0 = found }
    }

    /// Counts one call or operation; false where the instance takes none. `leave` follows on true.
    func enter() -> Bool {
        work.begin()
        if isServing.load(ordering: .acquiring) { return true }
        work.end()
        return false
    }

    func leave() {
        work.end()
    }

    /// From now on `enter` answers false.
    func close() {
        isServing.store(false, ordering: .releasing)
        workers.close()
    }

    /// [init]
    func drain(milliseconds: UInt64) {
        guard isStarted.load(ordering: .acquiring), let drain = unsafe table.drain else { return }
        unsafe drain(itself, milliseconds)
    }

    /// [init] Stops, if it was started.
    func stop() {
        guard isStarted.exchange(false, ordering: .acquiringAndReleasing) else { return }
        unsafe table.stop(itself)
    }

    /// [init] The last call.
    func destroy() {
        unsafe table.destroy(itself)
        HostRegistry.shared.instances.remove(handle.id)
    }

    /// [any] What the plugin knows of its own state.
    var info: PluginInfo {
        var health = pbay_health()
        health.size = pbay_health.abiSize
        var state = PluginInfo.Health.unknown
        var message = ""
        if isStarted.load(ordering: .acquiring), let ask = unsafe table.health {
            unsafe ask(itself, &health)
            switch Int(health.state) {
            case PBAY_HEALTHY: state = .healthy
            case PBAY_DEGRADED: state = .degraded
            default: state = .unhealthy
            }
            message = unsafe withUnsafeBytes(of: &health.message) { unsafe String(fixed: $0) }
        }
        return PluginInfo(
            name: name, path: image.path, id: image.id, version: image.version, licence: image.licence,
            summary: image.summary, interfaces: interfaces, abiMinor: image.abiMinor, health: state,
            healthMessage: message, calls: work.count, overdueCalls: overdue.load(ordering: .relaxed),
            secondVerdicts: secondVerdicts.load(ordering: .relaxed))
    }

    static func malformed(_ what: String) -> LibraryFault {
        LibraryFault(.malformed, "it breaks the rules of the plugin ABI: \(what)")
    }
}
