/// A place in a file's bytes as a line and a column, both from 1, columns in characters.
struct TextPosition {
    let line: Int
    let column: Int

    /// The place of the byte at `offset`; an offset past the end is the end.
    init(ofByte offset: Int, in bytes: [UInt8]) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(max(offset, 0)) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }

    /// The line (from 1) of the first line past `count` lines that begin with `byte`, or nil.
    static func line(after count: Int, linesBeginningWith byte: UInt8, in bytes: [UInt8]) -> Int? {
        var line = 1
        var found = 0
        var isStart = true
        for current in bytes {
            if isStart && current == byte {
                found += 1
                if found > count { return line }
            }
            isStart = current == UInt8(ascii: "\n") || current == UInt8(ascii: "\r")
            if current == UInt8(ascii: "\n") { line += 1 }
        }
        return nil
    }

    /// The first byte of the character (not the byte) with this index, and of the one before it; 0 where there is none.
    static func characters(endingAt index: Int, in bytes: [UInt8]) -> (before: UInt8, at: UInt8) {
        var remaining = index
        var before: UInt8 = 0
        for byte in bytes where byte & 0xC0 != 0x80 {
            if remaining == 0 { return (before, byte) }
            before = byte
            remaining -= 1
        }
        return (before, 0)
    }
}
