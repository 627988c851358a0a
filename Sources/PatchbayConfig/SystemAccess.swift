import Glibc

/// What the loader asks the operating system for: a file's bytes, whether a file is there, an environment variable.
enum SystemAccess {
    enum ReadError: Error, Equatable {
        /// The words of the operating system.
        case refused(String)
        case isDirectory
        case tooLarge
    }

    /// The whole file, refused once it has more than `limit` bytes (a pipe is read no further than that either).
    static func read(_ path: String, limit: Int) throws(ReadError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .refused(words(of: errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .refused(words(of: errno)) }
        if status.st_mode & S_IFMT == S_IFDIR { throw .isDirectory }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                let reason = errno
                if reason == EINTR { continue }
                throw .refused(words(of: reason))
            }
            guard bytes.count + count <= limit else { throw .tooLarge }
            bytes.append(contentsOf: chunk.prefix(count))
        }
    }

    /// Whether `path` names a file (not a folder) that this process may read.
    static func isReadableFile(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return unsafe status.st_mode & S_IFMT != S_IFDIR && access(path, R_OK) == 0
    }

    /// Names of the files in a folder, at most `most`; none when it can't be read.
    static func fileNames(in folder: String, most: Int) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while names.count < most, let entry = unsafe readdir(stream) {
            names.append(
                unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    static func environmentVariable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    private static func words(of code: Int32) -> String {
        switch code {
        case ENOENT: "no such file"
        case EACCES, EPERM: "permission denied"
        case ENOTDIR: "a part of the path is not a folder"
        case ELOOP: "too many symbolic links"
        case ENAMETOOLONG: "the path is too long"
        default: "error \(code)"
        }
    }
}
