import CPatchbay

extension pbay_text {
    /// The bytes; nil where the plugin claims bytes without a place for them, or more than can be.
    @inline(__always)
    var buffer: UnsafeBufferPointer<UInt8>? {
        if unsafe size == 0 { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
        guard let data = unsafe data, unsafe size <= UInt64(Int.max) else { return nil }
        return unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self), count: Int(size))
    }

    /// A copy as text; nil where `buffer` is nil or longer than `limit` bytes, or the bytes aren't UTF-8.
    @inline(__always)
    func string(limit: Int = .max) -> String? {
        guard let buffer = unsafe buffer, buffer.count <= limit else { return nil }
        // Not `String(validating:as:)`: it isn't specialized, and costs half as much again.
        guard let text = try? unsafe UTF8Span(validating: buffer.span) else { return nil }
        return String(copying: text)
    }

    /// A copy of the bytes; nil where `buffer` is nil or longer than `limit` bytes.
    func bytes(limit: Int = .max) -> [UInt8]? {
        guard let buffer = unsafe buffer, buffer.count <= limit else { return nil }
        return unsafe [UInt8](buffer)
    }
}

extension String {
    /// Lends the text to a call into a plugin.
    func withCText<R>(_ body: (pbay_text) -> R) -> R {
        var copy = self
        return copy.withUTF8 { utf8 in unsafe body(pbay_text(lending: UnsafeRawBufferPointer(utf8))) }
    }

    /// A zero-terminated text of a plugin, of at most `limit` bytes; nil where it is none, too long, or no UTF-8.
    init?(plugin text: UnsafePointer<CChar>?, limit: Int) {
        guard let text = unsafe text else { return nil }
        var count = 0
        while unsafe count <= limit && text[count] != 0 { count += 1 }
        guard count <= limit else { return nil }
        let raw = unsafe UnsafeRawBufferPointer(start: text, count: count)
        guard let string = unsafe String(validating: raw, as: UTF8.self) else { return nil }
        self = string
    }

    /// The text of a fixed buffer, up to its zero or all of it, repaired where it isn't UTF-8.
    init(fixed buffer: UnsafeRawBufferPointer) {
        let text = unsafe buffer.prefix { $0 != 0 }
        unsafe self.init(decoding: text, as: UTF8.self)
    }

    /// The text with at most `limit` bytes, cut on a character's border.
    func prefix(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

extension pbay_text {
    /// Lends bytes for the length of a call.
    @inline(__always)
    init(lending bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            data: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), size: UInt64(bytes.count))
    }
}
