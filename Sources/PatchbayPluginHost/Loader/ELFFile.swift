/// What an ELF file says of itself before any of its code runs: whether this machine can load it, and which entry
/// points it has.
struct ELFFile {
    /// Majors of the ABI whose entry the file defines; nil where its symbols can't be found without loading it.
    let entryMajors: Set<Int>?

    private static let maxSections = 4096
    private static let maxTableBytes = 64 << 20
    static let entryPrefix = "patchbay_plugin_entry_v"

    init(_ file: borrowing LibraryFile) throws(LibraryFault) {
        guard let header = file.read(at: 0, count: 64), header.count == 64, header[0..<4] == [0x7F, 0x45, 0x4C, 0x46]
        else { throw LibraryFault(.notLoadable, "\(file.path) is not a shared library (no ELF file)") }
        // 64 bits, little-endian, a shared object.
        guard header[4] == 2, header[5] == 1 else {
            throw LibraryFault(.notLoadable, "\(file.path) is made for another machine")
        }
        guard Self.number(header, 16, 2) == 3 else {
            throw LibraryFault(.notLoadable, "\(file.path) is an ELF file, but not a shared library")
        }
        #if arch(x86_64)
            let machine = 62
        #elseif arch(arm64)
            let machine = 183
        #endif
        guard Self.number(header, 18, 2) == machine else {
            throw LibraryFault(.notLoadable, "\(file.path) is made for another processor")
        }
        entryMajors = Self.entries(file, header)
    }

    private static func entries(_ file: borrowing LibraryFile, _ header: [UInt8]) -> Set<Int>? {
        let (offset, entrySize, count) = (number(header, 40, 8), number(header, 58, 2), number(header, 60, 2))
        guard let offset, entrySize == 64, let count, count > 0, count <= maxSections,
            let sections = file.read(at: offset, count: count * 64), sections.count == count * 64
        else { return nil }
        for section in 0..<count where number(sections, section * 64 + 4, 4) == 11 {
            guard let link = number(sections, section * 64 + 40, 4), link < count,
                let symbols = table(file, sections, section), let names = table(file, sections, link)
            else { return nil }
            return entries(symbols: symbols, names: names)
        }
        return nil
    }

    /// The bytes of a section.
    private static func table(_ file: borrowing LibraryFile, _ sections: [UInt8], _ index: Int) -> [UInt8]? {
        guard let offset = number(sections, index * 64 + 24, 8), let size = number(sections, index * 64 + 32, 8),
            size <= maxTableBytes, let bytes = file.read(at: offset, count: size), bytes.count == size
        else { return nil }
        return bytes
    }

    /// The majors among the names that are defined here.
    private static func entries(symbols: [UInt8], names: [UInt8]) -> Set<Int> {
        var majors: Set<Int> = []
        let prefix = Array(entryPrefix.utf8)
        for at in stride(from: 0, to: symbols.count - symbols.count % 24, by: 24) {
            guard let name = number(symbols, at, 4), number(symbols, at + 6, 2) != 0, name + prefix.count < names.count,
                names[name..<(name + prefix.count)].elementsEqual(prefix)
            else { continue }
            let digits = names[(name + prefix.count)...].prefix(4).prefix { $0 != 0 }
            if let major = Int(String(decoding: digits, as: UTF8.self)) { majors.insert(major) }
        }
        return majors
    }

    /// A little-endian number that fits an `Int`.
    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int? {
        guard at >= 0, at + count <= bytes.count else { return nil }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[at + index]) }
        return Int(exactly: value).flatMap { $0 < 1 << 48 ? $0 : nil }
    }
}
