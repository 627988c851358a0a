import CLibFFI

/// libffi's description of a type, with the memory that it is in.
@safe final class ForeignLayout {
    let type: UnsafeMutablePointer<ffi_type>
    private let elements: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>?
    private let inner: [ForeignLayout]

    /// nil: `void`.
    init(_ type: ForeignType?) {
        switch type {
        case .scalar(let scalar):
            unsafe self.type = Self.number(scalar)
        case .string, .bytes, .pointer, .array, .callback:
            unsafe self.type = patchbay_ffi_pointer()
        case .structure(let structure):
            let inner = structure.fields.map { ForeignLayout($0.content.type) }
            unsafe self.type = .allocate(capacity: 1)
            unsafe elements = .allocate(capacity: inner.count + 1)
            for index in inner.indices { unsafe elements?[index] = inner[index].type }
            unsafe elements?[inner.count] = nil
            unsafe self.type.initialize(to: ffi_type())
            unsafe self.type.pointee.type = UInt16(FFI_TYPE_STRUCT)
            unsafe self.type.pointee.elements = elements
            self.inner = inner
            return
        case nil:
            unsafe self.type = patchbay_ffi_void()
        }
        unsafe elements = nil
        inner = []
    }

    deinit {
        guard let elements = unsafe elements else { return }
        unsafe elements.deallocate()
        unsafe type.deallocate()
    }

    private static func number(_ scalar: ForeignScalar) -> UnsafeMutablePointer<ffi_type> {
        unsafe patchbay_ffi_number(
            Int32(scalar.width), scalar.form == .signed ? 1 : 0, scalar.form == .float ? 1 : 0)
    }
}

extension ForeignStructure.Content {
    fileprivate var type: ForeignType {
        switch self {
        case .scalar(let scalar): .scalar(scalar)
        case .structure(let structure): .structure(structure)
        }
    }
}
