import CPatchbay
import PatchbayJSON
internal import PatchbayLifecycle
internal import PatchbayModel

/// The table of PBAY_HOST_HOOK.
var hookAPI: pbay_hook_api {
    unsafe pbay_hook_api(
        size: UInt32(MemoryLayout<pbay_hook_api>.size), reserved: 0, document: lendDocument, proceed: proceedVisit,
        replace: replaceDocument, emit: emitEvent, replace_events: replaceEvents, answer: answerVisit,
        reject: rejectVisit, fail: failVisit, put: putValue, get: getValue, ask: askModel)
}

/// A name in the bag, bytes.
private let maxNameBytes = 128
/// A value in the bag; all of them together have no more.
private let maxValueBytes = 1 << 20
/// A question to a model.
private let maxAskBytes = 16 << 20

private func lendDocument(_ id: pbay_visit_id, _ out: UnsafeMutablePointer<pbay_text>?) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id] else { return PBAY_CLOSED.code }
    guard let out = unsafe out else { return PBAY_EINVALID.code }
    return unsafe lend(call.document(id), to: out)
}

private func lend(_ lent: Result<LentBytes, HookRefusal>, to out: UnsafeMutablePointer<pbay_text>) -> Int32 {
    switch lent {
    case .success(let bytes):
        unsafe out.pointee = bytes.text
        return PBAY_OK.code
    case .failure(let refusal):
        return refusal.code
    }
}

private func proceedVisit(_ id: pbay_visit_id) -> Int32 {
    HostRegistry.shared.hookCalls[id]?.give(id) { _ in .proceed } ?? PBAY_CLOSED.code
}

private func replaceDocument(_ id: pbay_visit_id, _ json: pbay_text) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id] else { return PBAY_CLOSED.code }
    // What comes too late isn't worth its parsing.
    guard call.isOpen(id) else { return call.give(id) { _ in .proceed } }
    guard let bytes = unsafe json.bytes(limit: JSONLimits.request.maxBytes), (try? JSONDocument.parse(bytes)) != nil
    else { return PBAY_EINVALID.code }
    return call.give(id) { _ in .replace(bytes) }
}

private func emitEvent(_ id: pbay_visit_id, _ event: UnsafePointer<pbay_event>?) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id], call.isOpen(id) else { return PBAY_CLOSED.code }
    guard let event = unsafe event else { return PBAY_EINVALID.code }
    switch unsafe PushedEvent(pbay_event(plugin: event), limit: VisitState.maxBytes) {
    case .event(let event, let bytes): return call.emit(id, event, bytes: bytes)
    case .fault(.eventTooLarge): return PBAY_ELIMIT.code
    case .fault: return PBAY_EINVALID.code
    case .unsupported: return PBAY_EUNSUPPORTED.code
    }
}

private func replaceEvents(_ id: pbay_visit_id) -> Int32 {
    HostRegistry.shared.hookCalls[id]?.give(id) { .replaceEvents($0) } ?? PBAY_CLOSED.code
}

private func answerVisit(_ id: pbay_visit_id, _ answer: UnsafePointer<pbay_hook_answer>?) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id] else { return PBAY_CLOSED.code }
    guard let answer = unsafe answer else { return PBAY_EINVALID.code }
    let copy = unsafe pbay_hook_answer(plugin: answer)
    let outcome = unsafe ProviderEnd.Outcome(reason: copy.reason)
    let usage = unsafe copy.usage.map { unsafe Usage(pbay_usage(plugin: $0)) }
    let provider = unsafe copy.provider.string(limit: 512)
    return call.give(id) { events in
        // A verdict has come all the same, and there is exactly one: it can't be taken as none.
        guard let outcome else { return .failed(HookFault("it answered with an unknown reason to finish")) }
        guard let provider else { return .failed(HookFault("it answered with a malformed name of a provider")) }
        var calls = ToolCallIndex()
        for event in events {
            switch calls.take(event, limit: call.limits.maxToolCalls) {
            case .fits: break
            case .unknown: return .failed(HookFault("its answer has an unknown tool call index"))
            case .tooMany: return .failed(HookFault("its answer has too many tool calls"))
            }
        }
        return .answer(
            HookAnswer(events: events, outcome: outcome, usage: usage, provider: provider.isEmpty ? nil : provider))
    }
}

private func rejectVisit(_ id: pbay_visit_id, _ error: UnsafePointer<pbay_error>?) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id] else { return PBAY_CLOSED.code }
    let report = unsafe PluginReport(of: error)
    return call.give(id) { _ in .reject(GatewayError(hook: report, plugin: call.plugin.name)) }
}

private func failVisit(_ id: pbay_visit_id, _ error: UnsafePointer<pbay_error>?) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id] else { return PBAY_CLOSED.code }
    let report = unsafe PluginReport(of: error)
    return call.give(id) { _ in .failed(HookFault("it", report)) }
}

private func putValue(_ id: pbay_visit_id, _ name: pbay_text, _ value: pbay_text) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id], call.isOpen(id) else { return PBAY_CLOSED.code }
    guard let name = unsafe name.string(limit: maxNameBytes), !name.isEmpty, let buffer = unsafe value.buffer else {
        return PBAY_EINVALID.code
    }
    guard buffer.count <= maxValueBytes else { return PBAY_ELIMIT.code }
    return unsafe call.put(id, [UInt8](buffer), named: name)
}

private func getValue(_ id: pbay_visit_id, _ name: pbay_text, _ out: UnsafeMutablePointer<pbay_text>?) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id], call.isOpen(id) else { return PBAY_CLOSED.code }
    guard let out = unsafe out else { return PBAY_EINVALID.code }
    // Nothing has a name that can't be put.
    guard let name = unsafe name.string(limit: maxNameBytes) else { return PBAY_ENOTFOUND.code }
    return unsafe lend(call.value(id, named: name), to: out)
}

private func askModel(
    _ id: pbay_visit_id, _ request: pbay_text, _ done: HookAsk.Done?, _ context: UnsafeMutableRawPointer?,
    _ error: UnsafeMutablePointer<pbay_error>?
) -> Int32 {
    guard let call = HostRegistry.shared.hookCalls[id], call.isOpen(id) else { return PBAY_CLOSED.code }
    guard let done = unsafe done, let body = unsafe request.bytes(limit: maxAskBytes) else {
        return unsafe pbay_error.fill(
            error, code: PBAY_EINVALID.code, message: "a null pointer, or a request of more than 16 MiB")
    }
    let ask = unsafe HookAsk(call, done: done, context: context)
    guard let (code, message) = call.begin(ask, of: id, body) else { return PBAY_OK.code }
    return unsafe pbay_error.fill(error, code: code, message: message)
}

extension PluginReport {
    /// What a plugin gave as an error; a null one is a defect.
    fileprivate init(of error: UnsafePointer<pbay_error>?) {
        if let error = unsafe error {
            unsafe self.init(pbay_error(plugin: error), code: nil)
        } else {
            self.init(code: PBAY_EINTERNAL.code)
        }
    }
}
