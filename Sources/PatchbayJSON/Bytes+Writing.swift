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
    mutating func appendKey(_ key: StaticString, comma: Bool) {
        unsafe key.withBytes { key in
            append(addingCapacity: key.count + 4) { output in
                if comma { output.append(UInt8(ascii: ",")) }
                output.append(UInt8(ascii: "\""))
                unsafe output.append(upTo: key.count) { target in
                    unsafe target.initialize(from: key.baseAddress!, count: key.count)
                    return key.count
                }
                output.append(UInt8(ascii: "\""))
                output.append(UInt8(ascii: ":"))
            }
        }
    }

    /// `text` as a JSON string, with its quotes, with a comma in front if wanted.
    mutating func appendQuoted(_ text: String, comma: Bool) {
        unsafe text.withBytes { unsafe appendQuoted($0, comma: comma) }
    }

    /// `text`, which is UTF-8, as a JSON string, with its quotes, with a comma in front if wanted.
    mutating func appendQuoted(_ text: borrowing Span<UInt8>, comma: Bool) {
        unsafe text.withUnsafeBufferPointer { unsafe appendQuoted($0, comma: comma) }
    }

    /// The decimal digits, with a comma in front if wanted.
    mutating func appendDigits(_ value: Int64, comma: Bool) {
        append(addingCapacity: 21) { output in
            if comma { output.append(UInt8(ascii: ",")) }
            unsafe output.append(upTo: 20) { unsafe csj_write_int64($0, value) }
        }
    }

    /// The decimal digits, with a comma in front if wanted.
    mutating func appendDigits(_ value: UInt64, comma: Bool) {
        append(addingCapacity: 21) { output in
            if comma { output.append(UInt8(ascii: ",")) }
            unsafe output.append(upTo: 20) { unsafe csj_write_uint64($0, value) }
        }
    }

    /// Finite numbers with commas between them.
    mutating func appendNumbers(_ numbers: borrowing Span<Float>) {
        // Room is asked for piece by piece, since most numbers need half of the most.
        let pieceCount = 1024
        unsafe numbers.withUnsafeBufferPointer { numbers in
            for start in stride(from: 0, to: numbers.count, by: pieceCount) {
                let piece = unsafe UnsafeBufferPointer(
                    rebasing: numbers[start..<Swift.min(start + pieceCount, numbers.count)])
                let room = piece.count * Int(CSJ_FLOAT_MAX)
                append(addingCapacity: room + 1) { output in
                    if start > 0 { output.append(UInt8(ascii: ",")) }
                    unsafe output.append(upTo: room) { unsafe csj_write_floats($0, piece.baseAddress, piece.count) }
                }
            }
        }
    }

    /// The numbers' bytes, as all machines of today order them, in base64 with padding and without quotes.
    mutating func appendBase64(_ numbers: borrowing Span<Float>) {
        unsafe numbers.withUnsafeBufferPointer { numbers in
            let data = UnsafeRawBufferPointer(numbers)
            let room = (data.count + 2) / 3 * 4
            append(addingCapacity: room) { output in
                unsafe output.append(upTo: room) {
                    unsafe csj_write_base64($0, data.bindMemory(to: UInt8.self).baseAddress, data.count)
                }
            }
        }
    }

    private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>, comma: Bool) {
        // An escape is up to six times as long as what it stands for: room for that is asked for piece by piece, so
        // that a long text doesn't ask for six times its length.
        let pieceBytes = 512
        var start = 0
        repeat {
            let piece = unsafe UnsafeBufferPointer(rebasing: text[start..<Swift.min(start + pieceBytes, text.count)])
            let isFirst = start == 0
            start += piece.count
            let isLast = start == text.count
            let room = piece.count * Int(CSJ_ESCAPED_MAX)
            append(addingCapacity: room + 3) { output in
                if isFirst, comma { output.append(UInt8(ascii: ",")) }
                if isFirst { output.append(UInt8(ascii: "\"")) }
                unsafe output.append(upTo: room) { unsafe csj_escape($0, piece.baseAddress, piece.count) }
                if isLast { output.append(UInt8(ascii: "\"")) }
            }
        } while start < text.count
    }
}

extension OutputSpan<UInt8> {
    /// Appends what `write` writes: at most `limit` bytes, whose number it returns.
    fileprivate mutating func append(upTo limit: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        precondition(limit <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count += unsafe write(base + count)
        }
    }
}
