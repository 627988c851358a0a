import CPatchbay

/// The checked functions of a store that the host uses. They live until the instance's `destroy`.
@safe struct StorageTable: Sendable {
    typealias Instance = UnsafeMutableRawPointer?
    typealias Operation = UnsafePointer<pbay_op>?
    typealias Failure = UnsafeMutablePointer<pbay_error>?

    let put: @convention(c) (Instance, Operation, UnsafePointer<pbay_record>?, UInt32, Failure) -> Int32
    let get: @convention(c) (Instance, Operation, pbay_text, Failure) -> Int32
    let remove: @convention(c) (Instance, Operation, pbay_text, Failure) -> Int32
    let loadChain: @convention(c) (Instance, Operation, pbay_text, UInt64, UInt64, Failure) -> Int32
    let list: @convention(c) (Instance, Operation, pbay_text, pbay_text, UInt64, Failure) -> Int32
    let batch: @convention(c) (Instance, Operation, UnsafePointer<pbay_write>?, UInt64, Failure) -> Int32
    let sweep: @convention(c) (Instance, Operation, UInt64, Failure) -> Int32

    init(_ pointer: UnsafeRawPointer) throws(LibraryFault) {
        let typed = unsafe pointer.assumingMemoryBound(to: pbay_storage.self)
        let size = unsafe Int(typed.pointee.size)
        guard size >= MemoryLayout<pbay_storage>.size else {
            throw PluginInstance.malformed(
                "pbay_storage has the size \(size), at least \(MemoryLayout<pbay_storage>.size) is needed")
        }
        let table = unsafe pbay_storage(plugin: typed)
        guard let put = unsafe table.put, let get = unsafe table.get, let remove = unsafe table.remove,
            let loadChain = unsafe table.load_chain, let sweep = unsafe table.sweep, let list = unsafe table.list,
            let batch = unsafe table.batch, unsafe table.touch != nil, unsafe table.stats != nil
        else { throw PluginInstance.malformed("a function of pbay_storage is null") }
        unsafe (self.put, self.get, self.remove, self.loadChain) = (put, get, remove, loadChain)
        unsafe (self.list, self.batch, self.sweep) = (list, batch, sweep)
    }
}
