import CPatchbay
import Glibc
import PatchbayPluginCommon
import Synchronization

/// The tables that the host gave at the entry. One image has one host; it is set before any instance exists.
private let host = Mutex<Host?>(nil)

/// The plugin's only exported symbol.
@_cdecl("patchbay_plugin_entry_v1")
public func entry(
    _ table: UnsafePointer<pbay_host>, _ out: UnsafeMutablePointer<UnsafePointer<pbay_module>?>,
    _ error: UnsafeMutablePointer<pbay_error>
) -> Int32 {
    guard let found = unsafe Host(table) else {
        return unsafe perror_message(
            error, Int32(PBAY_EUNSUPPORTED), nil, "this plugin needs a host with patchbay.hook/1")
    }
    host.withLock { $0 = found }
    unsafe out.pointee = Tables.module
    return Int32(PBAY_OK)
}

/// One entry under `plugins:`: its table, its cache, and the thread that gives waiters their verdicts.
@safe private final class Instance {
    let cache: Cache
    /// What the host knows of the instance; it lives as long.
    let table = UnsafeMutablePointer<pbay_instance>.allocate(capacity: 1)
    /// [init] alone.
    private var thread: pthread_t?

    init(_ cache: Cache) {
        self.cache = cache
        unsafe table.initialize(to: pbay_instance())
    }

    deinit { unsafe table.deallocate() }

    /// A request waits only where there is a thread to end its waiting.
    func start() -> Bool {
        guard cache.configuration.wait > 0 else { return true }
        var started = pthread_t()
        let retained = unsafe Unmanaged.passRetained(cache)
        // Signals are the host's: the thread takes none.
        var (all, before) = (sigset_t(), sigset_t())
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let code = unsafe pthread_create(
            &started, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Cache>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            unsafe retained.release()
            return false
        }
        thread = started
        cache.host.watchTime(cache)
        return true
    }

    func stop() {
        guard let thread = thread else { return }
        cache.host.unwatchTime(cache)
        cache.end()
        pthread_join(thread, nil)
        self.thread = nil
    }
}

/// The tables of functions that the host calls. Made once, never freed: an image is never unloaded.
private enum Tables {
    nonisolated(unsafe) static let module: UnsafePointer<pbay_module> = {
        let interfaces = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: 2)
        unsafe interfaces.initialize(to: text("patchbay.hooks/1"))
        unsafe (interfaces + 1).initialize(to: nil)
        return unsafe immortal(
            pbay_module(
                size: UInt32(MemoryLayout<pbay_module>.size), abi_minor: 2, id: text("patchbay.cache"),
                version: text("0.1.0"), licence: text("Apache-2.0"),
                description: text("Gives a request that was asked before the answer that it had, without a provider"),
                interfaces: interfaces, create: { unsafe Tables.create($0, $1, $2, $3) }))
    }()

    private static let points: Int =
        PBAY_POINT_REQUEST | PBAY_POINT_HISTORY_LOADED | PBAY_POINT_ROUTE | PBAY_POINT_ATTEMPT_FAILED
        | PBAY_POINT_EVENTS | PBAY_POINT_COMPLETE

    nonisolated(unsafe) static let hooks: UnsafePointer<pbay_hooks> = unsafe immortal(
        pbay_hooks(
            size: UInt32(MemoryLayout<pbay_hooks>.size), flags: 0, points: UInt32(points), events: PBAY_EVENTS_ALL,
            open: { context, request, state, _ in
                guard let instance = unsafe Tables.instance(context), let request = unsafe request,
                    let state = unsafe state
                else { return Int32(PBAY_EINVALID) }
                unsafe state.pointee = Tables.open(instance, read(request, into: pbay_hooked_request()))
                return Int32(PBAY_OK)
            },
            visit: { _, state, visit, _ in
                // Without a state there is nothing to do for the request.
                guard let request = unsafe Tables.request(state), let visit = unsafe visit else {
                    return Int32(PBAY_OK)
                }
                return unsafe Tables.visit(request, read(visit, into: pbay_visit()))
            },
            cancel: { _, state, _ in unsafe Tables.request(state)?.cancelled() },
            close: { _, state in
                guard let state = unsafe state else { return }
                unsafe Unmanaged<Request>.fromOpaque(state).takeRetainedValue().closed()
            }))

    /// The state of a request; null for one whose answer can't be kept.
    private static func open(_ instance: Instance, _ request: pbay_hooked_request) -> UnsafeMutableRawPointer? {
        guard unsafe request.flags & UInt32(PBAY_HOOKED_BACKGROUND) == 0 else { return nil }
        let opened = unsafe Request(instance.cache, owner: [UInt8](request.owner.bytes))
        return unsafe Unmanaged.passRetained(opened).toOpaque()
    }

    private static func visit(_ request: Request, _ visit: pbay_visit) -> Int32 {
        let id = unsafe visit.id
        switch unsafe Int(visit.point) {
        case PBAY_POINT_REQUEST: request.requestCame(visit: id)
        case PBAY_POINT_HISTORY_LOADED:
            return request.historyLoaded(round: unsafe visit.round, visit: id)
        case PBAY_POINT_ROUTE: return request.routed(visit: id)
        case PBAY_POINT_ATTEMPT_FAILED: request.attemptFailed()
        case PBAY_POINT_EVENTS: unsafe events(request, visit)
        case PBAY_POINT_COMPLETE: request.completed(visit: id)
        default: break
        }
        return Int32(PBAY_OK)
    }

    private static func events(_ request: Request, _ visit: pbay_visit) {
        if let first = unsafe visit.events, request.isRecording {
            // The host's events may be longer or shorter than ours: their size is the distance from one to the next.
            let distance = unsafe Int(first.pointee.size)
            for index in 0..<(unsafe Int(visit.event_count)) {
                let place = unsafe UnsafeRawPointer(first).advanced(by: index * distance)
                let event = unsafe read(
                    place.assumingMemoryBound(to: pbay_event.self), into: pbay_event(), atMost: distance)
                request.said(
                    Recording.Event(
                        kind: unsafe event.kind, index: unsafe event.index, text: unsafe ArraySlice(event.text.bytes),
                        id: unsafe ArraySlice(event.id.bytes), name: unsafe ArraySlice(event.name.bytes)))
            }
        }
        if unsafe visit.flags & UInt32(PBAY_VISIT_LAST) != 0 { request.providerEnded() }
    }

    private static func request(_ state: UnsafeMutableRawPointer?) -> Request? {
        guard let state = unsafe state else { return nil }
        return unsafe Unmanaged<Request>.fromOpaque(state).takeUnretainedValue()
    }

    private static func instance(_ context: UnsafeMutableRawPointer?) -> Instance? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Instance>.fromOpaque(context).takeUnretainedValue()
    }

    // MARK: The instance

    private static func create(
        _ id: UInt64, _ text: pbay_text, _ out: UnsafeMutablePointer<UnsafePointer<pbay_instance>?>?,
        _ error: UnsafeMutablePointer<pbay_error>?
    ) -> Int32 {
        guard let out = unsafe out, let error = unsafe error else { return Int32(PBAY_EINVALID) }
        let instance: Instance
        do throws(Failure) {
            guard let host = host.withLock({ $0 }) else { throw Failure("", "no host") }
            let document: JSONDocument
            do { document = try JSONDocument.parse(unsafe [UInt8](text.bytes)) } catch {
                throw Failure("", error.message)
            }
            instance = Instance(Cache(try Configuration(document.root), host))
        } catch let failure {
            return unsafe perror_message(error, Int32(PBAY_EINVALID), failure.param, failure.message)
        }
        let table = unsafe instance.table
        unsafe table.pointee.size = UInt32(MemoryLayout<pbay_instance>.size)
        // Retained here, borrowed in every call, released with the table in `destroy`.
        unsafe table.pointee.`self` = Unmanaged.passRetained(instance).toOpaque()
        unsafe table.pointee.get_extension = { _, id in
            guard let id = unsafe id, unsafe strcmp(id, PBAY_HOOKS) == 0 else { return nil }
            return unsafe UnsafeRawPointer(Tables.hooks)
        }
        unsafe table.pointee.start = { context, error in
            guard let instance = unsafe Tables.instance(context), let error = unsafe error else {
                return Int32(PBAY_EINVALID)
            }
            guard !instance.start() else { return Int32(PBAY_OK) }
            return unsafe perror_message(error, Int32(PBAY_EOVERLOADED), nil, "no thread could be started")
        }
        unsafe table.pointee.health = { context, out in
            guard let instance = unsafe Tables.instance(context), let out = unsafe out else { return }
            unsafe out.pointee.state = UInt32(PBAY_HEALTHY)
            unsafe withUnsafeMutablePointer(to: &out.pointee.message) {
                unsafe perror_copy(
                    UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self), UInt64(PBAY_MESSAGE_CAPACITY),
                    instance.cache.report)
            }
        }
        unsafe table.pointee.stop = { context in unsafe Tables.instance(context)?.stop() }
        unsafe table.pointee.destroy = { context in
            guard let context = unsafe context else { return }
            unsafe Unmanaged<Instance>.fromOpaque(context).release()
        }
        unsafe out.pointee = UnsafePointer(table)
        return Int32(PBAY_OK)
    }

    private static func immortal<T>(_ value: T) -> UnsafePointer<T> {
        let place = UnsafeMutablePointer<T>.allocate(capacity: 1)
        unsafe place.initialize(to: value)
        return unsafe UnsafePointer(place)
    }

    /// A literal's bytes end in a zero and live for ever.
    private static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

/// A struct of the host's, which may be shorter or longer than ours: what it hasn't is zero.
private func read<Struct>(_ pointer: UnsafePointer<Struct>, into own: Struct, atMost room: Int = .max) -> Struct {
    var own = own
    let size = unsafe Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
    unsafe withUnsafeMutableBytes(of: &own) {
        let count = min(size, room, $0.count)
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count))
    }
    return own
}
