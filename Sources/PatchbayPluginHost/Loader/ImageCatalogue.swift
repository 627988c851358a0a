import CPatchbay
import Glibc
import Synchronization

/// The libraries that this process has mapped, each once, whatever number of instances and hosts use it. None is ever
/// unmapped.
/// `image` is called on the loader's thread alone.
final class ImageCatalogue: Sendable {
    private enum Key: Hashable {
        case handle(UInt)
        case digest(String)
    }

    private let images = Mutex<[Key: Result<PluginImage, LibraryFault>]>([:])

    /// The library at a path, mapped and entered if it wasn't. A library whose entry point failed keeps failing.
    func image(at path: String, sha256: String?) throws(LibraryFault) -> PluginImage {
        let file = try LibraryFile(path: path)
        guard let sha256 else {
            try check(file)
            return try open(path, shownAs: path, digest: nil)
        }
        guard let digest = VerifiedLibrary.digest(sha256) else {
            throw LibraryFault(.wrongDigest, "sha256 must be 64 hexadecimal digits")
        }
        let verified = try VerifiedLibrary.open(file, digest: digest)
        try check(LibraryFile(path: verified))
        return try open(verified, shownAs: path, digest: digest)
    }

    /// Looks at the file without running any of its code.
    private func check(_ file: borrowing LibraryFile) throws(LibraryFault) {
        guard let majors = try ELFFile(file).entryMajors, !majors.contains(Int(PBAY_ABI_MAJOR)) else { return }
        throw noEntry(majors)
    }

    private func open(_ path: String, shownAs shown: String, digest: String?) throws(LibraryFault) -> PluginImage {
        if let digest, let known = images.withLock({ $0[.digest(digest)] }) { return try known.get() }
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "unknown"
            throw LibraryFault(.notLoadable, "the dynamic linker refused it: \(reason)")
        }
        let key = digest.map { Key.digest($0) } ?? .handle(UInt(bitPattern: handle))
        if let known = images.withLock({ $0[key] }) { return try known.get() }

        let image = Result { () throws(LibraryFault) in
            guard let symbol = unsafe dlsym(handle, PBAY_ENTRY_SYMBOL) else {
                throw unsafe noEntry(Self.majors(in: handle))
            }
            return try unsafe PluginImage(entry: unsafeBitCast(symbol, to: pbay_entry_v1.self), path: shown)
        }
        images.withLock { $0[key] = image }
        return try image.get()
    }

    /// The entry points of a mapped library that isn't one of this major.
    private static func majors(in handle: UnsafeMutableRawPointer) -> Set<Int> {
        Set((2...9).filter { unsafe dlsym(handle, "\(ELFFile.entryPrefix)\($0)") != nil })
    }

    private func noEntry(_ majors: Set<Int>) -> LibraryFault {
        guard !majors.isEmpty else {
            return LibraryFault(
                .notAPlugin, "it is no Patchbay plugin: it doesn't export the symbol \(PBAY_ENTRY_SYMBOL)")
        }
        let spoken = majors.sorted().map(String.init).joined(separator: " and ")
        return LibraryFault(
            .wrongMajor, "it speaks major version \(spoken) of the plugin ABI, this host speaks \(PBAY_ABI_MAJOR)")
    }
}
