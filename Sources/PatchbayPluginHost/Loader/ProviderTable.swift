import CPatchbay

/// The checked functions of a provider. They live until the instance's `destroy`.
@safe struct ProviderTable: Sendable {
    typealias Models =
        @convention(c) (
            UnsafeMutableRawPointer?,
            (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<pbay_model_info>?) -> Void)?,
            UnsafeMutableRawPointer?
        ) -> Int32
    typealias Begin =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<pbay_request>?, pbay_stream_id,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<pbay_error>?
        ) -> Int32

    let models: Models?
    let begin: Begin
    let call: CallTable

    init(_ pointer: UnsafeRawPointer) throws(LibraryFault) {
        let typed = unsafe pointer.assumingMemoryBound(to: pbay_provider.self)
        let size = unsafe Int(typed.pointee.size)
        guard size >= MemoryLayout<pbay_provider>.size else {
            throw PluginInstance.malformed(
                "pbay_provider has the size \(size), at least \(MemoryLayout<pbay_provider>.size) is needed")
        }
        let table = unsafe pbay_provider(plugin: typed)
        guard let begin = unsafe table.begin, let resume = unsafe table.resume, let cancel = unsafe table.cancel,
            let release = unsafe table.release
        else { throw PluginInstance.malformed("begin, resume, cancel or release of pbay_provider is null") }
        unsafe models = table.models
        unsafe self.begin = begin
        unsafe call = CallTable(resume: resume, cancel: cancel, release: release)
    }

    /// The same provider, its calls begun by a `pbay_token_count`: they count, and are cancelled and released as all.
    func counting(_ pointer: UnsafeRawPointer) throws(LibraryFault) -> ProviderTable {
        let typed = unsafe pointer.assumingMemoryBound(to: pbay_token_count.self)
        try Self.check(unsafe typed.pointee.size, MemoryLayout<pbay_token_count>.size, of: "pbay_token_count")
        guard let begin = unsafe typed.pointee.begin else {
            throw PluginInstance.malformed("begin of pbay_token_count is null")
        }
        return unsafe ProviderTable(begin: begin, like: self)
    }

    /// The same provider, its calls begun by a `pbay_embeddings`; besides, how many inputs one of them may carry.
    func embedding(_ pointer: UnsafeRawPointer) throws(LibraryFault) -> (table: ProviderTable, maxInputs: Int) {
        let typed = unsafe pointer.assumingMemoryBound(to: pbay_embeddings.self)
        try Self.check(unsafe typed.pointee.size, MemoryLayout<pbay_embeddings>.size, of: "pbay_embeddings")
        guard let begin = unsafe typed.pointee.begin else {
            throw PluginInstance.malformed("begin of pbay_embeddings is null")
        }
        let most = unsafe Int(typed.pointee.max_inputs)
        return (unsafe ProviderTable(begin: begin, like: self), most == 0 ? .max : most)
    }

    private static func check(_ size: UInt32, _ least: Int, of name: String) throws(LibraryFault) {
        guard size >= least else {
            throw PluginInstance.malformed("\(name) has the size \(size), at least \(least) is needed")
        }
    }

    private init(begin: Begin, like other: ProviderTable) {
        unsafe models = other.models
        unsafe self.begin = begin
        call = other.call
    }
}
