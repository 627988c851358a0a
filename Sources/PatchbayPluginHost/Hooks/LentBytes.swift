import CPatchbay

/// A copy of bytes that is lent to a plugin: it stays where it is as long as this object.
@safe final class LentBytes: @unchecked Sendable {
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
        unsafe buffer = .allocate(byteCount: bytes.count, alignment: 1)
        unsafe buffer.copyBytes(from: bytes)
    }

    deinit { unsafe buffer.deallocate() }

    /// Valid as long as this object.
    var text: pbay_text { unsafe pbay_text(lending: UnsafeRawBufferPointer(buffer)) }

    var count: Int { unsafe buffer.count }

    func equals(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.count == buffer.count && bytes.elementsEqual(buffer)
    }
}
