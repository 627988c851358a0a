import NIOCore
import PatchbayModel

/// Who runs a tool of the server. Implemented by the plugin host, over the C ABI and over C functions, and by tests.
package protocol ToolRunner: AnyObject, Sendable {
    /// Begins a call on `strand`, an event loop that the caller is on, on the terms of `Provider.begin`. The receiver is
    /// given the output as `.text` events, whatever it answers to them, and exactly one end.
    func invoke(_ call: ToolInvocation, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
}

/// One call of a tool.
package struct ToolInvocation: Sendable {
    package var name: String
    /// One JSON object, which fits the tool's parameters.
    package var arguments: [UInt8]
    package var callID: String
    package var requestID: String
    /// Opaque.
    package var owner: String
    /// Milliseconds, for the tool to know: the caller sees to it, by a cancellation.
    package var timeout: Int
    /// The most of the output that the caller keeps, bytes: what is longer it cuts, and says so.
    package var maxOutput: Int

    package init(
        name: String, arguments: [UInt8], callID: String, requestID: String, owner: String, timeout: Int,
        maxOutput: Int = 64 << 10
    ) {
        self.name = name
        self.arguments = arguments
        self.callID = callID
        self.requestID = requestID
        self.owner = owner
        self.timeout = timeout
        self.maxOutput = maxOutput
    }
}
