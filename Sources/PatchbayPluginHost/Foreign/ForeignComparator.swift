import CLibFFI
import Glibc

/// A C function `int (const void *, const void *)` that compares two elements of an array: made by libffi, at run
/// time, from nothing but the elements' type. It keeps no state, so that calls on several threads share it.
@safe final class ForeignComparator: @unchecked Sendable {
    private let element: ForeignElement
    private let isDescending: Bool
    private let interface: ForeignInterface
    private let closure: UnsafeMutableRawPointer
    /// What C is given.
    let address: UnsafeMutableRawPointer

    init(of element: ForeignElement, isDescending: Bool) throws(ForeignError) {
        self.element = element
        self.isDescending = isDescending
        interface = try ForeignInterface([.pointer, .pointer], result: .scalar(.int))
        // libffi maps the memory twice, or has the code in its own image: it is never writable and executable at once.
        var code: UnsafeMutableRawPointer?
        guard let closure = unsafe ffi_closure_alloc(MemoryLayout<ffi_closure>.size, &code), let code = unsafe code
        else { throw ForeignError("args", "have a callback, and this machine allows no memory for one") }
        unsafe self.closure = closure
        unsafe address = code
        // Borrowed: the closure is freed with this object.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let status = unsafe ffi_prep_closure_loc(
            closure.assumingMemoryBound(to: ffi_closure.self), interface.prepared, Self.invoke, context, code)
        guard status == FFI_OK else { throw ForeignError("args", "have a callback that libffi can't make") }
    }

    deinit { unsafe ffi_closure_free(closure) }

    private static let invoke:
        @convention(c) (
            UnsafeMutablePointer<ffi_cif>?, UnsafeMutableRawPointer?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutableRawPointer?
        ) -> Void = { _, result, arguments, context in
            guard let result = unsafe result, let arguments = unsafe arguments, let context = unsafe context else {
                return
            }
            let comparator = unsafe Unmanaged<ForeignComparator>.fromOpaque(context).takeUnretainedValue()
            let left = unsafe arguments[0]?.load(as: UnsafeMutableRawPointer?.self)
            let right = unsafe arguments[1]?.load(as: UnsafeMutableRawPointer?.self)
            // What is narrower than a register is returned as a whole one.
            unsafe result.storeBytes(of: Int(comparator.compare(left, right)), as: Int.self)
        }

    private func compare(_ left: UnsafeMutableRawPointer?, _ right: UnsafeMutableRawPointer?) -> Int32 {
        guard let left = unsafe left, let right = unsafe right else { return 0 }
        let order: Int32
        switch element {
        case .scalar(let scalar):
            let (a, b) = unsafe (left.bits(width: scalar.width), right.bits(width: scalar.width))
            order = scalar.isBefore(a, b) ? -1 : scalar.isBefore(b, a) ? 1 : 0
        case .string:
            guard let a = unsafe left.load(as: UnsafePointer<CChar>?.self),
                let b = unsafe right.load(as: UnsafePointer<CChar>?.self)
            else { return 0 }
            order = unsafe strcmp(a, b).signum()
        }
        return isDescending ? -order : order
    }
}

extension UnsafeMutableRawPointer {
    /// The number in the next `width` bytes.
    func bits(width: Int) -> UInt64 {
        switch width {
        case 1: unsafe UInt64(loadUnaligned(as: UInt8.self))
        case 2: unsafe UInt64(loadUnaligned(as: UInt16.self))
        case 4: unsafe UInt64(loadUnaligned(as: UInt32.self))
        default: unsafe loadUnaligned(as: UInt64.self)
        }
    }

    func put(_ bits: UInt64, width: Int) {
        switch width {
        case 1: unsafe storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
        case 2: unsafe storeBytes(of: UInt16(truncatingIfNeeded: bits), as: UInt16.self)
        case 4: unsafe storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
        default: unsafe storeBytes(of: bits, as: UInt64.self)
        }
    }
}
