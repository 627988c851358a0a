extension StaticString {
    /// The UTF-8 of the literal.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if hasPointerRepresentation {
            return unsafe body(UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
        }
        return withUTF8Buffer { unsafe body($0) }
    }
}

extension String {
    /// The string's UTF-8, in place where it is native.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = unsafe utf8.withContiguousStorageIfAvailable({ unsafe body($0) }) { return result }
        var copy = self
        return copy.withUTF8 { unsafe body($0) }
    }
}
