/// `ffi:` of a tool or a hook: a function of a C library, with what it takes and returns. Checked as far as that can be
/// done without the library.
package struct ForeignFunctionConfiguration: Sendable {
    /// A name for the dynamic linker, or an absolute path.
    package var library = ""
    package var symbol = ""
    package var arguments: [ForeignArgumentConfiguration] = []
    package var returns = ForeignReturnConfiguration()
    /// How many calls may run at a time.
    package var threads = 8
    /// The places of the keys and values: `symbol`, `args[2].length_of`.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    /// `tools[0].ffi`, as diagnostics name it.
    package internal(set) var path = ""

    /// `trust: in_process`; there is no other way to run one in this version.
    var isTrusted = false

    package init() {}
}
