import Crypto
import Glibc

/// A library whose bytes are the ones that the configuration pins: they are copied into sealed memory, hashed there, and loaded from
/// there, so that what was checked is what runs.
enum VerifiedLibrary {
    private static let maxBytes = 1 << 30

    /// The digest of hexadecimal digits, in lower case; nil where they are none.
    static func digest(_ text: String) -> String? {
        let digits = text.lowercased()
        guard digits.utf8.count == 64, digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return digits
    }

    /// A path under which the dynamic linker finds the checked bytes. It stays good for the life of the process: the linker knows a
    /// library by its path, so the descriptor's number must never be used again.
    static func open(_ file: borrowing LibraryFile, digest expected: String) throws(LibraryFault) -> String {
        var hash = SHA256()
        let memory = unsafe "patchbay-plugin".withCString { unsafe memfd_create($0, UInt32(MFD_ALLOW_SEALING | MFD_CLOEXEC)) }
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
        let seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
        guard fcntl(memory, F_ADD_SEALS, seals) == 0 else {
            throw LibraryFault(.notLoadable, "the checked copy can't be sealed: \(LibraryFile.reason(errno))")
        }
        isKept = true
        return "/proc/self/fd/\(memory)"
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var done = 0
            while unsafe done < buffer.count {
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
