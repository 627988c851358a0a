import CPatchbay

/// The checked functions of a plugin's tools. They live until the instance's `destroy`.
@safe struct ToolTable: Sendable {
    typealias List =
        @convention(c) (
            UnsafeMutableRawPointer?,
            (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<pbay_tool_info>?) -> Void)?,
            UnsafeMutableRawPointer?
        ) -> Int32
    typealias Invoke =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<pbay_tool_call>?, pbay_stream_id,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<pbay_error>?
        ) -> Int32

    let list: List
    let invoke: Invoke
    /// `invoke` comes from one of the instance's worker threads, and not on the strand.
    let mayBlock: Bool
    let call: CallTable

    private static let knownFlags = UInt32(PBAY_TOOLS_MAY_BLOCK)

    init(_ pointer: UnsafeRawPointer) throws(LibraryFault) {
        let typed = unsafe pointer.assumingMemoryBound(to: pbay_tools.self)
        let size = unsafe Int(typed.pointee.size)
        guard size >= MemoryLayout<pbay_tools>.size else {
            throw PluginInstance.malformed(
                "pbay_tools has the size \(size), at least \(MemoryLayout<pbay_tools>.size) is needed")
        }
        let table = unsafe pbay_tools(plugin: typed)
        guard let list = unsafe table.list, let invoke = unsafe table.invoke else {
            throw PluginInstance.malformed("list or invoke of pbay_tools is null")
        }
        guard table.flags & ~Self.knownFlags == 0 else {
            let bits = String(table.flags & ~Self.knownFlags, radix: 16)
            throw PluginInstance.malformed("flags of pbay_tools has bits that mean nothing: 0x\(bits)")
        }
        mayBlock = table.flags & UInt32(PBAY_TOOLS_MAY_BLOCK) != 0
        unsafe (self.list, self.invoke) = (list, invoke)
        unsafe call = CallTable(resume: nil, cancel: table.cancel, release: table.release)
    }
}
