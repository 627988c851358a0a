import Glibc

/// A C library in this process. It is never unloaded.
@safe final class ForeignLibrary: @unchecked Sendable {
    private let name: String
    private let handle: UnsafeMutableRawPointer

    /// [init] Runs the library's constructors.
    init(_ name: String) throws(ForeignError) {
        guard !name.isEmpty, !name.utf8.contains(0), !name.contains("/") || name.hasPrefix("/") else {
            throw ForeignError("library", "must be a library's name, such as libz.so.1, or an absolute path")
        }
        guard let handle = unsafe name.withCString({ unsafe dlopen($0, RTLD_NOW | RTLD_LOCAL) }) else {
            throw ForeignError("library", "can't be loaded: \(Self.linkerError)")
        }
        self.name = name
        unsafe self.handle = handle
    }

    /// The address of a function.
    ///
    /// - Parameters:
    ///   - path: the setting that names it, for errors.
    ///   - allowed: a name that is otherwise forbidden.
    func function(
        _ symbol: String, path: String = "symbol", allowing allowed: String? = nil
    ) throws(ForeignError) -> UnsafeMutableRawPointer {
        if symbol != allowed, let reason = ForbiddenSymbols.reason(against: symbol) {
            throw ForeignError(path, "can't be '\(symbol)', which \(reason)")
        }
        guard !symbol.isEmpty, !symbol.utf8.contains(0),
            let address = unsafe symbol.withCString({ unsafe dlsym(handle, $0) })
        else { throw ForeignError(path, "'\(symbol)' isn't in \(name), nor in a library that it needs") }
        for other in ForbiddenSymbols.all where other != allowed {
            if let found = unsafe dlsym(nil, other), unsafe found == address {
                throw ForeignError(path, "can't be '\(symbol)', which is another name of '\(other)'")
            }
        }
        return unsafe address
    }

    private static var linkerError: String {
        guard let words = unsafe dlerror() else { return "the dynamic linker says no more" }
        return unsafe String(cString: words).prefix(bytes: 400)
    }
}
