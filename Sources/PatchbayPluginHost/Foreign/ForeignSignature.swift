/// A function of a C library, as the configuration describes it. That it is described rightly nobody can check: a wrong
/// type corrupts the memory of the process.
package struct ForeignSignature: Sendable, Hashable {
    /// A name for the dynamic linker, such as `libz.so.1`, or an absolute path.
    package var library: String
    package var symbol: String
    package var parameters: [ForeignParameter]
    package var result: ForeignResult

    package init(library: String, symbol: String, parameters: [ForeignParameter], result: ForeignResult) {
        self.library = library
        self.symbol = symbol
        self.parameters = parameters
        self.result = result
    }
}

extension ForeignSignature {
    /// What is wrong with the names alone: what can be said without loading the library.
    package var forbiddenNames: [ForeignError] {
        [("symbol", symbol), ("returns.error_text", result.errorText), ("returns.free", result.release)].compactMap {
            (path, name) in
            guard let name, path != "returns.free" || name != "free" else { return nil }
            return ForbiddenSymbols.reason(against: name).map {
                ForeignError(path, "can't be '\(name)', which \($0)")
            }
        }
    }
}

/// Why a C function can't be used, for the operator.
package struct ForeignError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What in the `ffi:` of the configuration is wrong: `symbol`, `args[2].length_of`.
    package var path: String
    /// What follows the path in a diagnostic.
    package var message: String

    package init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { "ffi.\(path) \(message)" }
}
