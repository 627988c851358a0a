internal import CSimdJSON

extension [UInt8] {
    /// A copy of the bytes of `span`.
    init(copying span: borrowing RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// A copy of the bytes of `span`.
    init(copying span: borrowing Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }

    mutating func append(copying span: borrowing Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    mutating func append(_ text: StaticString) {
        unsafe text.withBytes { unsafe append(contentsOf: $0) }
    }

    /// `"key":`, with a comma in front if wanted.
    mutating func appendKey(_ key: StaticString, afterComma: Bool) {
        unsafe key.withBytes { key in
            assert(unsafe csj_plain_prefix(key.baseAddress, key.count) == key.count, "a literal key needs no escapes")
            append(addingCapacity: key.count + 4) { output in
                if afterComma { output.append(UInt8(ascii: ",")) }
                output.append(UInt8(ascii: "\""))
                unsafe output.append(copying: key)
                output.append(UInt8(ascii: "\""))
                output.append(UInt8(ascii: ":"))
            }
        }
    }

    /// `text` as a JSON string, with its quotes.
    mutating func appendQuoted(_ text: String) {
        unsafe text.withBytes { unsafe appendQuoted($0) }
    }

    /// `text`, which is UTF-8, as a JSON string, with its quotes.
    mutating func appendQuoted(_ text: borrowing Span<UInt8>) {
        unsafe text.withUnsafeBufferPointer { unsafe appendQuoted($0) }
    }
}

extension [UInt8] {
    private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        let plain = unsafe csj_plain_prefix(text.baseAddress, text.count)
        if plain == text.count {
            append(addingCapacity: plain + 2) { output in
                output.append(UInt8(ascii: "\""))
                unsafe output.append(copying: text)
                output.append(UInt8(ascii: "\""))
            }
        } else {
            append(UInt8(ascii: "\""))
            unsafe appendEscaped(text, plain: plain)
            append(UInt8(ascii: "\""))
        }
    }

    /// Plain runs copied whole, and between them one escape each. The first run has `plain` bytes.
    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, plain: Int) {
        reserveCapacityGrowing(text.count + text.count / 8)
        var rest = unsafe text
        var run = plain
        while true {
            unsafe append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<run]))
            guard run < rest.count else { return }
            appendEscape(of: unsafe rest[run])
            unsafe rest = UnsafeBufferPointer(rebasing: rest[(run + 1)...])
            run = unsafe csj_plain_prefix(rest.baseAddress, rest.count)
        }
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        case 0x08: append(UInt8(ascii: "b"))
        case 0x0C: append(UInt8(ascii: "f"))
        default:
            let digits: StaticString = "0123456789abcdef"
            append("u00")
            append(unsafe digits.utf8Start[Int(byte >> 4)])
            append(unsafe digits.utf8Start[Int(byte & 15)])
        }
    }

    /// Room for `count` more bytes. (`reserveCapacity` alone grows to exactly what is asked, again and again.)
    private mutating func reserveCapacityGrowing(_ count: Int) {
        if capacity - self.count < count { reserveCapacity(Swift.max(self.count + count, 2 * capacity)) }
    }
}

extension OutputSpan<UInt8> {
    /// Appends bytes, for which there must be room.
    fileprivate mutating func append(copying bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            guard let target = buffer.baseAddress, let source = bytes.baseAddress else { return }
            unsafe (target + count).initialize(from: source, count: bytes.count)
            count += bytes.count
        }
    }
}
