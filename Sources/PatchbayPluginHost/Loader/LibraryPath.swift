import Glibc

/// Where a library is.
struct LibraryPath: Sendable {
    /// The folders that are looked through, in order.
    var folders: [String]

    /// The library's path: an absolute one as it is, another one in the first folder that has it.
    func resolve(_ library: String) throws(LibraryFault) -> String {
        guard !library.isEmpty, !library.utf8.contains(0) else {
            throw LibraryFault(.notFound, "the library has no name")
        }
        let candidates = library.hasPrefix("/") ? [library] : folders.map { Self.join($0, library) }
        for candidate in candidates where exists(candidate) { return candidate }
        if library.hasPrefix("/") { throw LibraryFault(.notFound, "there is no such file") }
        guard !folders.isEmpty else {
            throw LibraryFault(.notFound, "not found: plugin_path is empty, so the library must be an absolute path")
        }
        let places = folders.map { "'\($0)'" }.joined(separator: ", ")
        throw LibraryFault(.notFound, "not found in plugin_path (\(places))")
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    private func exists(_ path: String) -> Bool {
        unsafe path.withCString { unsafe access($0, F_OK) } == 0
    }
}
