import CPatchbay

extension pbay_text {
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
        unsafe self.init(data: start, size: UInt64(bytes.count))
    }

    /// The bytes, while what they belong to lives.
    var bytes: UnsafeBufferPointer<UInt8> {
        guard unsafe size > 0, let data = unsafe data else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self), count: Int(size))
    }
}

extension String {
    /// Calls `body` with this string's UTF-8, valid for the call.
    func withText<Result>(_ body: (pbay_text) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { unsafe body(pbay_text($0)) }
    }
}
