import Crypto
import Glibc

/// A library whose bytes are the ones that the configuration pins: they are copied into sealed memory, hashed there,
/// and loaded from there, so that what was checked is what runs.
enum VerifiedLibrary {
    private static let maxBytes = 1 << 30

    /// The digest of hexadecimal digits, in lower case; nil where they are none.
    static func digest(_ text: String) -> String? {
        let digits = text.lowercased()
        guard digits.utf8.count == 64, digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return digits
    }

    /// A path under which the dynamic linker finds the checked bytes. It stays good for the life of the process: the
    /// linker knows a library by its path, so the descriptor's number must never be used again.
    static func open(_ file: borrowing LibraryFile, digest expected: String) throws(LibraryFault) -> String {
        var hash = SHA256()
        let memory = createMemory()
        guard memory >= 0 else {
            throw LibraryFault(.notLoadable, "no memory for the checked copy: \(LibraryFile.reason(errno))")
        }
        var isKept = false
        defer { if !isKept { _ = close(memory) } }
        var offset = 0
        while true {
            guard let piece = file.read(at: offset, count: 1 << 20), offset + piece.count <= maxBytes else {
                throw LibraryFault(.notLoadable, "\(file.path) can't be read, or is larger than 1 GiB")
            }
            if piece.isEmpty { break }
            hash.update(data: piece)
            guard write(piece, to: memory) else {
                throw LibraryFault(.notLoadable, "no memory for the checked copy: \(LibraryFile.reason(errno))")
            }
            offset += piece.count
        }
        let found = hash.finalize().map { hexadecimal($0) }.joined()
        guard found == expected else {
            throw LibraryFault(
                .wrongDigest, "\(file.path) has the SHA-256 \(found), but the configuration pins \(expected)")
        }
        guard fcntl(memory, addSeals, allSeals) == 0 else {
            throw LibraryFault(.notLoadable, "the checked copy can't be sealed: \(LibraryFile.reason(errno))")
        }
        isKept = true
        return "/proc/self/fd/\(memory)"
    }

    // Linux's own numbers: Swift's Glibc module leaves this corner of the C library out.
    private static let (closeOnExec, allowSealing): (UInt32, UInt32) = (1, 2)
    private static let addSeals: Int32 = 1033
    /// No more seals, no shrinking, no growing, no writing.
    private static let allSeals: Int32 = 1 | 2 | 4 | 8

    /// memfd_create(2); negative where there is none.
    private static func createMemory() -> Int32 {
        typealias Create = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
        guard let symbol = unsafe dlsym(nil, "memfd_create") else { return -1 }
        let create = unsafe unsafeBitCast(symbol, to: Create.self)
        return unsafe "patchbay-plugin".withCString { unsafe create($0, closeOnExec | allowSealing) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let put = unsafe Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                if put < 0, errno == EINTR { continue }
                if put <= 0 { return false }
                done += put
            }
            return true
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }
}
