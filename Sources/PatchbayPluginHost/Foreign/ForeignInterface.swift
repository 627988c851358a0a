import CLibFFI

/// How a function is called: prepared once, and used by any number of calls at a time.
@safe final class ForeignInterface: @unchecked Sendable {
    private let layouts: [ForeignLayout]
    private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
    let prepared: UnsafeMutablePointer<ffi_cif>

    /// - Parameter result: nil: nothing.
    init(_ arguments: [ForeignType], result: ForeignType?) throws(ForeignError) {
        layouts = arguments.map { ForeignLayout($0) } + [ForeignLayout(result)]
        unsafe types = .allocate(capacity: layouts.count)
        for index in layouts.indices { unsafe types[index] = layouts[index].type }
        unsafe prepared = .allocate(capacity: 1)
        unsafe prepared.initialize(to: ffi_cif())
        let status = unsafe ffi_prep_cif(
            prepared, FFI_DEFAULT_ABI, UInt32(arguments.count), types[arguments.count], types)
        guard status == FFI_OK else { throw ForeignError("args", "make a signature that libffi can't call") }
        for (index, type) in (arguments + [result].compactMap { $0 }).enumerated() {
            guard case .structure(let structure) = type else { continue }
            let found = unsafe layouts[index].type.pointee.size
            guard found == structure.size else {
                throw ForeignError("args", "hold a struct of \(structure.size) bytes, which libffi takes for \(found)")
            }
        }
    }

    deinit {
        unsafe types.deallocate()
        unsafe prepared.deallocate()
    }
}

extension ForeignInterface {
    /// Calls a function.
    ///
    /// - Parameters:
    ///   - result: at least a register's width, whatever is returned.
    ///   - arguments: where each argument is.
    func call(
        _ address: UnsafeMutableRawPointer, result: UnsafeMutableRawPointer?,
        _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) {
        unsafe ffi_call(prepared, unsafeBitCast(address, to: (@convention(c) () -> Void).self), result, arguments)
    }
}
