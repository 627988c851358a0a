/// An entry of `tools:`: what the server runs inside a response. Either tools of a plugin (`plugin`, perhaps only those
/// under `tools`), or a C function (`name` and `ffi`).
package struct ToolConfiguration: Sendable {
    package enum Approval: Sendable {
        /// A call is made.
        case auto
        /// The tool is offered to no model, and a call of it is refused.
        case never
        /// A call is handed to the client.
        case client
    }

    package enum OnError: Sendable {
        /// The model is told that the tool failed, and goes on.
        case `continue`
        /// The response ends with an error.
        case fail
    }

    /// A name under `plugins`; nil for a C function.
    package var plugin: String?
    /// Those of the plugin's tools that the entry is about; nil: all.
    package var tools: [String]?
    /// What models call a C function; unique among the tools.
    package var name: String?
    /// What models are told of a C function.
    package var description: String?
    package var approval = Approval.auto
    /// For each call.
    package var timeout = Duration.seconds(30)
    /// Bytes of an output that the model is told; the rest is cut.
    package var maxOutput = 64 << 10
    package var onError = OnError.continue
    /// The places of the entry's keys and values.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    /// `tools[0]`, as diagnostics name it.
    package internal(set) var path = ""

    /// The C function.
    package var ffi: ForeignFunctionConfiguration?
    /// `tools` with their places, for the check of names.
    var locatedTools: [Located<String>]?

    package init() {}
}
