import CLibFFI
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
        guard unsafe Self.isFunction(address) else {
            throw ForeignError(path, "can't be '\(symbol)', which is no function")
        }
        for other in ForbiddenSymbols.all where other != allowed {
            if let found = unsafe dlsym(nil, other), unsafe found == address {
                throw ForeignError(path, "can't be '\(symbol)', which is another name of '\(other)'")
            }
        }
        return unsafe address
    }

    /// Whether code is at the address of a symbol, as far as the symbol says.
    private static func isFunction(_ address: UnsafeMutableRawPointer) -> Bool {
        var info = unsafe patchbay_dl_info()
        var entry: UnsafeMutableRawPointer?
        // Not even in a library: a variable of a thread.
        guard unsafe patchbay_dladdr1(address, &info, &entry, Int32(PATCHBAY_DL_SYMENT)) != 0 else { return false }
        // Without a name of its own it is the code that an indirect function (STT_GNU_IFUNC) chose.
        guard let entry = unsafe entry else { return true }
        let type = unsafe entry.load(as: Elf64_Sym.self).st_info & 0xF
        return type == STT_FUNC || type == STT_GNU_IFUNC
    }

    private static var linkerError: String {
        guard let words = unsafe dlerror() else { return "the dynamic linker says no more" }
        return unsafe String(cString: words).prefix(bytes: 400)
    }
}
