import PatchbayModel

/// A tool that the server runs itself inside a response.
package struct ServerTool: Sendable {
    /// Who decides whether a call is made.
    package enum Approval: String, Sendable, Hashable {
        /// It is.
        case auto
        /// It isn't: the tool is offered to no model.
        case never
        /// The client: the call is handed to it, as one of a tool of its own.
        case client
    }

    /// What becomes of a response when the tool fails.
    package enum OnError: String, Sendable, Hashable {
        /// The model is told, and goes on.
        case `continue`
        /// It ends with an error.
        case fail
    }

    package var name: String
    package var description: String
    /// The JSON Schema of its arguments, an object schema.
    package var parameters: [UInt8]
    package var approval: Approval
    package var onError: OnError
    /// Milliseconds for a call.
    package var timeout: Int
    /// The most of an output that the model is told, bytes.
    package var maxOutput: Int
    package var runner: any ToolRunner
    package let counts = ToolCounts()

    package init(
        name: String, description: String, parameters: [UInt8], approval: Approval = .auto,
        onError: OnError = .continue, timeout: Int = 30_000, maxOutput: Int = 64 << 10, runner: any ToolRunner
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.approval = approval
        self.onError = onError
        self.timeout = timeout
        self.maxOutput = maxOutput
        self.runner = runner
    }
}
