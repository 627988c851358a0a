import CPatchbay
internal import PatchbayLifecycle

/// A tool's call as the plugin sees it: one block of memory that stays where it is until the call is released.
@safe final class ToolMemory: @unchecked Sendable {
    private let block: UnsafeMutableRawPointer
    /// Valid as long as this object.
    let pointer: UnsafePointer<pbay_tool_call>

    init(_ call: ToolInvocation) {
        let header = unsafe MemoryLayout<pbay_tool_call>.stride
        var texts = [call.name, call.callID, call.requestID, call.owner]
        let total = texts.reduce(header + call.arguments.count) { $0 + $1.utf8.count }
        unsafe block = .allocate(byteCount: total, alignment: MemoryLayout<pbay_tool_call>.alignment)
        var next = unsafe block + header
        func copy(_ bytes: UnsafeRawBufferPointer) -> pbay_text {
            if let start = bytes.baseAddress { unsafe next.copyMemory(from: start, byteCount: bytes.count) }
            defer { unsafe next += bytes.count }
            return unsafe pbay_text(lending: UnsafeRawBufferPointer(start: next, count: bytes.count))
        }
        let typed = unsafe block.bindMemory(to: pbay_tool_call.self, capacity: 1)
        func text(_ index: Int) -> pbay_text {
            texts[index].withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) }
        }
        unsafe typed.initialize(
            to: pbay_tool_call(
                size: UInt32(MemoryLayout<pbay_tool_call>.size), reserved: 0, name: text(0),
                arguments: call.arguments.withUnsafeBytes { unsafe copy($0) }, call_id: text(1), request_id: text(2),
                owner: text(3), timeout_ms: UInt64(max(0, call.timeout))))
        unsafe pointer = UnsafePointer(typed)
    }

    deinit { unsafe block.deallocate() }
}
