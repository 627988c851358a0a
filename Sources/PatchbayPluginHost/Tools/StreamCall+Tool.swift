import CPatchbay
internal import NIOCore
internal import PatchbayLifecycle
internal import PatchbayModel
import Synchronization

/// A stream that is a tool's call.
extension StreamCall {
    /// [strand] Begins the call, here or on one of the plugin's worker threads.
    func invoke(_ invocation: ToolInvocation, by table: ToolTable) throws(GatewayError) {
        let memory = ToolMemory(invocation)
        self.memory = memory
        guard table.mayBlock else {
            let (refusal, call) = unsafe perform(table, memory)
            if let refusal {
                beginInVain()
                throw refusal
            }
            unsafe self.call = call
            if state.withLock({ $0.begun() }) { wake() }
            return
        }
        // The memory is the plugin's for as long as its function runs, whatever becomes of the call meanwhile.
        let isTaken = plugin.workers.run {
            // It may have been ended while it waited for a thread: what it does would be for nobody.
            guard self.isOpen else { return self.loop.execute { self.invoked(.cancelled, 0) } }
            let (refusal, call) = unsafe self.perform(table, memory)
            let address = UInt(bitPattern: call)
            self.loop.execute { self.invoked(refusal, address) }
        }
        guard isTaken else {
            beginInVain()
            throw .toolsAreFull("Too many of the plugin's tools run.")
        }
        if state.withLock({ $0.begunElsewhere() }) { wake() }
    }

    /// [may-block] Calls the plugin.
    private func perform(_ table: ToolTable, _ memory: ToolMemory) -> (GatewayError?, UnsafeMutableRawPointer?) {
        var call: UnsafeMutableRawPointer?
        let report = unsafe PluginReport.of { error in
            unsafe table.invoke(plugin.itself, memory.pointer, id, &call, error)
        }
        return unsafe (report.map { GatewayError(tool: $0) }, call)
    }

    /// [strand] The plugin's function has returned on its thread.
    private func invoked(_ refusal: GatewayError?, _ address: UInt) {
        unsafe call = UnsafeMutableRawPointer(bitPattern: address)
        wasRefused = refusal != nil
        if state.withLock({ $0.invoked(refusal: refusal) }) { wake() }
    }

    /// [any] The plugin says something.
    func take(_ event: UnsafePointer<pbay_event>?, into output: ToolOutput) -> Int32 {
        guard isOpen else { return PBAY_CLOSED.code }
        let pushed = unsafe event.map { unsafe pbay_event(plugin: $0) }
        if let pushed = unsafe pushed, unsafe Int(pushed.kind) == PBAY_EVENT_VECTOR { return PBAY_EUNSUPPORTED.code }
        guard let pushed = unsafe pushed, unsafe output.take(pushed) else {
            settle(.failed(GatewayError(.provider, "Its output is not UTF-8 text.")), cancel: .limit)
            return PBAY_EINVALID.code
        }
        return PBAY_OK.code
    }

    /// [any] The plugin has ended. Before a good end comes all that it said.
    func finishTool(_ outcome: ProviderEnd.Outcome) -> Int32 {
        if case .stop = outcome, case .text(let output) = intake, case let text = output.taken(), !text.isEmpty {
            _ = push(.text(text), bytes: text.utf8.count)
        }
        return finish(outcome, usage: nil)
    }
}

extension GatewayError {
    /// What the failure of a tool is: its message is for the model.
    init(tool report: PluginReport) {
        var error = GatewayError(provider: report)
        if report.message.isEmpty { error.message = "It gave no reason." }
        // What ends a call on the plugin's own accord is no cancellation.
        if error.kind == .cancelled { error.kind = .provider }
        self = error
    }
}
