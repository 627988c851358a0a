import CPatchbay
internal import PatchbayLifecycle

/// A request as the plugin sees it: one block of memory that stays where it is until the call is released.
@safe final class RequestMemory {
    private let block: UnsafeMutableRawPointer
    /// Valid as long as this object.
    let pointer: UnsafePointer<pbay_request>

    init(_ request: ProviderRequest) {
        let header = unsafe MemoryLayout<pbay_request>.stride
        var model = request.model
        var conversation = request.conversation
        let total = header + request.body.count + model.utf8.count + conversation.utf8.count
        unsafe block = .allocate(byteCount: total, alignment: MemoryLayout<pbay_request>.alignment)
        var next = unsafe block + header
        func copy(_ bytes: UnsafeRawBufferPointer) -> pbay_text {
            if let start = bytes.baseAddress { unsafe next.copyMemory(from: start, byteCount: bytes.count) }
            defer { unsafe next += bytes.count }
            return unsafe pbay_text(lending: UnsafeRawBufferPointer(start: next, count: bytes.count))
        }
        let typed = unsafe block.bindMemory(to: pbay_request.self, capacity: 1)
        unsafe typed.initialize(
            to: pbay_request(
                size: UInt32(MemoryLayout<pbay_request>.size), flags: request.stream ? UInt32(PBAY_REQUEST_STREAM) : 0,
                body: request.body.withUnsafeBytes { unsafe copy($0) },
                model: model.withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) },
                conversation: conversation.withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) },
                timeout_ms: UInt64(max(0, request.timeout ?? 0))))
        unsafe pointer = UnsafePointer(typed)
    }

    deinit { unsafe block.deallocate() }
}
