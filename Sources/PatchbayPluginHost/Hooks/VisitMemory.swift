import CPatchbay
internal import PatchbayLifecycle

/// A visit as the plugin sees it: memory that stays where it is until the next visit of the same request.
@safe final class VisitMemory {
    /// What is kept for the next visit: an ordinary batch of events fits into it.
    private static let keptBytes = 64 << 10

    private let visit: UnsafeMutablePointer<pbay_visit>
    private var block: UnsafeMutableRawBufferPointer

    init() {
        unsafe visit = .allocate(capacity: 1)
        unsafe visit.initialize(to: pbay_visit())
        unsafe block = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        unsafe visit.deallocate()
        unsafe block.deallocate()
    }

    var pointer: UnsafePointer<pbay_visit> { unsafe UnsafePointer(visit) }

    /// Makes it show a visit. The plugin has none in its hands.
    @inline(__always)
    func fill(_ what: HookVisit, id: UInt64) {
        let flags = (what.isLast ? UInt32(PBAY_VISIT_LAST) : 0) | (what.wasSent ? UInt32(PBAY_VISIT_SENT) : 0)
        unsafe visit.pointee = pbay_visit(
            size: UInt32(MemoryLayout<pbay_visit>.size), point: 1 << what.point.rawValue, id: id, flags: flags,
            round: UInt32(clamping: what.round), events: nil, event_count: 0)
        if !what.events.isEmpty { fill(what.events) }
    }

    private func fill(_ events: [ProviderEvent]) {
        let header = unsafe events.count * MemoryLayout<pbay_event>.stride
        reserve(events.reduce(header) { $0 + $1.textBytes })
        guard let start = unsafe block.baseAddress else { return }
        let typed = unsafe start.bindMemory(to: pbay_event.self, capacity: events.count)
        var next = unsafe start + header
        func copy(_ bytes: UnsafeRawBufferPointer) -> pbay_text {
            if let from = bytes.baseAddress { unsafe next.copyMemory(from: from, byteCount: bytes.count) }
            defer { unsafe next += bytes.count }
            return unsafe pbay_text(lending: UnsafeRawBufferPointer(start: next, count: bytes.count))
        }
        func copy(_ text: String) -> pbay_text {
            unsafe text.withCText { unsafe copy(UnsafeRawBufferPointer($0.buffer ?? .init(start: nil, count: 0))) }
        }
        for (number, event) in events.enumerated() {
            var lent = unsafe pbay_event()
            unsafe lent.size = UInt32(MemoryLayout<pbay_event>.size)
            unsafe lent.kind = event.kindNumber
            switch event {
            case .text(let text), .refusal(let text), .reasoning(let text), .reasoningOpaque(let text):
                unsafe lent.text = copy(text)
            case .reasoningSummary(let index, let text), .arguments(let index, let text):
                unsafe lent.index = UInt32(truncatingIfNeeded: index)
                unsafe lent.text = copy(text)
            case .toolCall(let index, let id, let name):
                unsafe lent.index = UInt32(truncatingIfNeeded: index)
                unsafe lent.id = copy(id)
                unsafe lent.name = copy(name)
            case .toolCallEnd(let index):
                unsafe lent.index = UInt32(truncatingIfNeeded: index)
            case .item(let bytes), .annotation(let bytes), .logprobs(let bytes):
                unsafe lent.text = bytes.withUnsafeBytes { unsafe copy($0) }
            case .partEnd, .itemEnd:
                break
            }
            unsafe (typed + number).initialize(to: lent)
        }
        unsafe visit.pointee.events = UnsafePointer(typed)
        unsafe visit.pointee.event_count = UInt64(events.count)
    }

    private func reserve(_ count: Int) {
        if unsafe block.count >= count, unsafe block.count <= Self.keptBytes { return }
        unsafe block.deallocate()
        unsafe block = .allocate(
            byteCount: max(count, min(2 * count, Self.keptBytes)), alignment: MemoryLayout<pbay_event>.alignment)
    }
}

extension ProviderEvent {
    /// Of its texts together.
    fileprivate var textBytes: Int {
        switch self {
        case .text(let text), .refusal(let text), .reasoning(let text), .reasoningOpaque(let text),
            .reasoningSummary(_, let text), .arguments(_, let text):
            text.utf8.count
        case .toolCall(_, let id, let name): id.utf8.count + name.utf8.count
        case .item(let bytes), .annotation(let bytes), .logprobs(let bytes): bytes.count
        case .toolCallEnd, .partEnd, .itemEnd: 0
        }
    }
}

extension HookedRequest {
    /// Lends the request to a call into a plugin.
    func withCRequest<R>(_ body: (UnsafePointer<pbay_hooked_request>) -> R) -> R {
        let flags =
            (isStreamed ? UInt32(PBAY_HOOKED_STREAM) : 0) | (isBackground ? UInt32(PBAY_HOOKED_BACKGROUND) : 0)
            | (isStored ? UInt32(PBAY_HOOKED_STORE) : 0)
        return unsafe id.withCText { id in
            unsafe owner.withCText { owner in
                unsafe model.withCText { model in
                    var request = unsafe pbay_hooked_request(
                        size: UInt32(MemoryLayout<pbay_hooked_request>.size), flags: flags, request_id: id,
                        owner: owner, model: model)
                    return unsafe body(&request)
                }
            }
        }
    }
}
