import CLibFFI
import Glibc

/// A C function `int (const void *, const void *)` that compares two elements of an array: made by libffi, at run
/// time, from nothing but the elements' type. It keeps no state, so that calls on several threads share it.
@safe final class ForeignComparator: @unchecked Sendable {
    private let element: ForeignElement
    private let isDescending: Bool
    private let interface: ForeignInterface
    private let page: UnsafeMutableRawPointer
    private let size: Int

    init(of element: ForeignElement, isDescending: Bool) throws(ForeignError) {
        self.element = element
        self.isDescending = isDescending
        interface = try ForeignInterface([.pointer, .pointer], result: .scalar(.int))
        // A page of its own, first writable and then executable, never both: what libffi allocates can be both.
        let size = sysconf(Int32(_SC_PAGESIZE))
        let page = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let page = unsafe page, unsafe page != MAP_FAILED, unsafe size >= MemoryLayout<ffi_closure>.size else {
            throw ForeignError("args", "have a callback, and there is no memory for one")
        }
        unsafe self.page = page
        self.size = size
        // Borrowed: the page goes with this object.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let status = unsafe ffi_prep_closure_loc(
            page.assumingMemoryBound(to: ffi_closure.self), interface.prepared, Self.invoke, context, page)
        guard status == FFI_OK else { throw ForeignError("args", "have a callback that libffi can't make") }
        guard unsafe mprotect(page, size, PROT_READ | PROT_EXEC) == 0 else {
            throw ForeignError("args", "have a callback, and this machine lets no memory become code")
        }
    }

    deinit { unsafe munmap(page, size) }

    /// What C is given.
    var address: UnsafeMutableRawPointer { unsafe page }

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
