import CPatchbay

/// A struct of the ABI that begins with its own size in bytes.
protocol SizedStruct {
    /// All zero.
    init()
}

extension SizedStruct {
    /// A copy of a plugin's struct: what its version of it lacks is zero.
    @inline(__always)
    init(plugin pointer: UnsafePointer<Self>) {
        let size = unsafe UnsafeRawPointer(pointer).load(as: UInt32.self)
        if size >= UInt32(MemoryLayout<Self>.size) {
            self = unsafe pointer.pointee
        } else {
            unsafe self.init(plugin: pointer, size: Int(size))
        }
    }

    private init(plugin pointer: UnsafePointer<Self>, size: Int) {
        self.init()
        unsafe withUnsafeMutableBytes(of: &self) { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
        }
    }

    /// The size to write into a struct that the host fills.
    static var abiSize: UInt32 { UInt32(MemoryLayout<Self>.size) }
}

extension pbay_model_info: @unsafe SizedStruct {}
extension pbay_event: @unsafe SizedStruct {}
extension pbay_usage: SizedStruct {}
extension pbay_upstream_info: @unsafe SizedStruct {}
extension pbay_error: SizedStruct {}
extension pbay_health: SizedStruct {}
extension pbay_module: @unsafe SizedStruct {}
extension pbay_instance: @unsafe SizedStruct {}
extension pbay_provider: @unsafe SizedStruct {}
extension pbay_storage: @unsafe SizedStruct {}
extension pbay_hooks: @unsafe SizedStruct {}
extension pbay_hook_answer: @unsafe SizedStruct {}
extension pbay_record: @unsafe SizedStruct {}
extension pbay_storage_stats: SizedStruct {}
extension pbay_tool_info: @unsafe SizedStruct {}
extension pbay_tools: @unsafe SizedStruct {}
extension pbay_http_request: @unsafe SizedStruct {}
extension pbay_http_callbacks: @unsafe SizedStruct {}
