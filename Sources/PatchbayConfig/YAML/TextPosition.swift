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

    /// Whether the character (not the byte) with this index is a tab.
    static func character(_ index: Int, isTabIn bytes: [UInt8]) -> Bool {
        var remaining = index
        for byte in bytes where byte & 0xC0 != 0x80 {
            if remaining == 0 { return byte == UInt8(ascii: "\t") }
            remaining -= 1
        }
        return false
    }
}
