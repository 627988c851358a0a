import Glibc

/// A file that is open for reading; closed with the value unless it is kept for the life of the process.
struct LibraryFile: ~Copyable {
    let descriptor: Int32
    let path: String

    init(path: String) throws(LibraryFault) {
        self.descriptor = try Self.open(path)
        self.path = path
    }

    private static func open(_ path: String) throws(LibraryFault) -> Int32 {
        let descriptor = unsafe path.withCString { unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw LibraryFault(.notLoadable, "\(path) can't be read: \(reason(errno))") }
        guard isRegular(descriptor) else {
            _ = close(descriptor)
            throw LibraryFault(.notLoadable, "\(path) is not a file")
        }
        return descriptor
    }

    private static func isRegular(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit { _ = close(descriptor) }

    /// At most `count` bytes from `offset`; fewer at the end of the file; nil where it can't be read.
    func read(at offset: Int, count: Int) -> [UInt8]? {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    descriptor, UnsafeMutableRawPointer(buffer.baseAddress! + filled), count - filled,
                    off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                if got <= 0 { return }
                filled += got
            }
        }
        return failed ? nil : bytes
    }

    static func reason(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
