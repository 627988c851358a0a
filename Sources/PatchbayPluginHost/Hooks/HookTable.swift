import CPatchbay
internal import PatchbayLifecycle

/// The checked functions of a hook, and where it is visited. They live until the instance's `destroy`.
@safe struct HookTable: Sendable {
    typealias Instance = UnsafeMutableRawPointer?
    typealias State = UnsafeMutableRawPointer?
    typealias Failure = UnsafeMutablePointer<pbay_error>?

    let interest: HookInterest
    /// Its functions come from the instance's worker threads, and not on the strand.
    let mayBlock: Bool
    let open:
        (
            @convention(c) (Instance, UnsafePointer<pbay_hooked_request>?, UnsafeMutablePointer<State>?, Failure) ->
                Int32
        )?
    let visit: @convention(c) (Instance, State, UnsafePointer<pbay_visit>?, Failure) -> Int32
    let cancel: (@convention(c) (Instance, State, pbay_visit_id) -> Void)?
    let close: (@convention(c) (Instance, State) -> Void)?

    private static let knownPoints = HookPoint.allCases.reduce(UInt32(0)) { $0 | 1 << $1.rawValue }
    private static let knownFlags = UInt32(PBAY_HOOKS_MAY_BLOCK)

    init(_ pointer: UnsafeRawPointer) throws(LibraryFault) {
        let typed = unsafe pointer.assumingMemoryBound(to: pbay_hooks.self)
        let size = unsafe Int(typed.pointee.size)
        guard size >= MemoryLayout<pbay_hooks>.size else {
            throw PluginInstance.malformed(
                "pbay_hooks has the size \(size), at least \(MemoryLayout<pbay_hooks>.size) is needed")
        }
        let table = unsafe pbay_hooks(plugin: typed)
        guard let visit = unsafe table.visit else { throw PluginInstance.malformed("visit of pbay_hooks is null") }
        let (flags, points, events) = (table.flags, table.points, table.events)
        guard flags & ~Self.knownFlags == 0 else { throw Self.unknown("flags", flags & ~Self.knownFlags) }
        guard points & ~Self.knownPoints == 0 else { throw Self.unknown("points", points & ~Self.knownPoints) }
        // All others may come to have a meaning: PBAY_EVENTS_ALL has them.
        guard events & 1 == 0 else { throw Self.unknown("events", 1) }
        interest = HookInterest(points: points, events: events)
        mayBlock = flags & UInt32(PBAY_HOOKS_MAY_BLOCK) != 0
        unsafe (open, cancel, close) = (table.open, table.cancel, table.close)
        unsafe self.visit = visit
    }

    private static func unknown(_ field: String, _ bits: UInt32) -> LibraryFault {
        PluginInstance.malformed("\(field) of pbay_hooks has bits that mean nothing: 0x\(String(bits, radix: 16))")
    }
}
