import Glibc

/// A file that is open for reading; closed with the value unless it is kept for the life of the process.
struct LibraryFile: ~Copyable {
    let descriptor: Int32
    let path: String

    init(path: String) throws(LibraryFault) {
        let descriptor = unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw LibraryFault(.notLoadable, "\(path) can't be read: \(Self.reason(errno))")
        }
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw LibraryFault(.notLoadable, "\(path) is not a file")
        }
    }

    deinit { _ = close(descriptor) }

    /// At most `count` bytes from `offset`; fewer at the end of the file; nil where it can't be read.
    func read(at offset: Int, count: Int) -> [UInt8]? {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while unsafe filled < count {
                let got = unsafe pread(
                    descriptor, UnsafeMutableRawPointer(buffer.baseAddress! + filled), count - filled,
                    off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                if got <= 0 { return }
                unsafe filled += got
            }
        }
        return failed ? nil : bytes
    }

    static func reason(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
