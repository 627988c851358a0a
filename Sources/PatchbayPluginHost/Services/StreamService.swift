import CPatchbay
internal import PatchbayLifecycle
internal import PatchbayModel

/// The table of PBAY_HOST_STREAM.
var streamAPI: pbay_stream_api {
    unsafe pbay_stream_api(
        size: UInt32(MemoryLayout<pbay_stream_api>.size), reserved: 0, push: pushEvent, usage: reportUsage,
        upstream: reportUpstream, finish: finishStream, fail: failStream)
}

private func pushEvent(_ id: pbay_stream_id, _ event: UnsafePointer<pbay_event>?) -> Int32 {
    guard let call = HostRegistry.shared.streams[id] else { return PBAY_CLOSED.code }
    if let intake = call.intake { return unsafe call.take(event, into: intake) }
    guard let event = unsafe event else { return call.refuse(.malformed("no event (a null pointer)")) }
    switch unsafe PushedEvent(pbay_event(plugin: event), limit: call.maxEventBytes) {
    case .event(let event, let bytes): return call.push(event, bytes: bytes)
    case .fault(let fault): return call.refuse(fault)
    case .unsupported: return call.isOpen ? PBAY_EUNSUPPORTED.code : PBAY_CLOSED.code
    }
}

private func reportUsage(_ id: pbay_stream_id, _ usage: UnsafePointer<pbay_usage>?) -> Int32 {
    guard let call = HostRegistry.shared.streams[id] else { return PBAY_CLOSED.code }
    guard let usage = unsafe usage else { return PBAY_EINVALID.code }
    return unsafe call.report(Usage(pbay_usage(plugin: usage)))
}

private func reportUpstream(_ id: pbay_stream_id, _ info: UnsafePointer<pbay_upstream_info>?) -> Int32 {
    guard let call = HostRegistry.shared.streams[id] else { return PBAY_CLOSED.code }
    guard let info = unsafe info.map({ unsafe pbay_upstream_info(plugin: $0) }),
        let id = unsafe info.response_id.string(limit: 1024), let stop = unsafe info.stop_sequence.string(limit: 1024)
    else { return PBAY_EINVALID.code }
    return call.report(upstreamResponseID: id, stopSequence: stop)
}

private func finishStream(_ id: pbay_stream_id, _ reason: Int32, _ usage: UnsafePointer<pbay_usage>?) -> Int32 {
    guard let call = HostRegistry.shared.streams[id] else { return PBAY_CLOSED.code }
    // An end has come all the same, and there is exactly one: it can't be taken as none.
    let outcome =
        ProviderEnd.Outcome(reason: reason) ?? .failed(StreamFault.malformed("an unknown reason to finish").error)
    let last = unsafe usage.map { unsafe Usage(pbay_usage(plugin: $0)) }
    switch call.intake {
    case .text: return call.finishTool(.stop)
    case .vectors(let vectors): return call.finish(vectors.end(outcome), usage: last)
    case nil: return call.finish(outcome, usage: last)
    }
}

private func failStream(_ id: pbay_stream_id, _ error: UnsafePointer<pbay_error>?) -> Int32 {
    guard let call = HostRegistry.shared.streams[id] else { return PBAY_CLOSED.code }
    let report = unsafe error.map { unsafe PluginReport(pbay_error(plugin: $0), code: nil) }
    if case .text = call.intake {
        return call.finishTool(.failed(GatewayError(tool: report ?? PluginReport(code: PBAY_EINTERNAL.code))))
    }
    return call.finish(.failed(GatewayError(provider: report ?? PluginReport(code: PBAY_EINTERNAL.code))), usage: nil)
}

extension ProviderEnd.Outcome {
    /// Nil: an unknown PBAY_FINISH_*.
    init?(reason: Int32) {
        switch Int(reason) {
        case PBAY_FINISH_STOP: self = .stop
        case PBAY_FINISH_LENGTH: self = .length
        case PBAY_FINISH_CONTENT_FILTER: self = .contentFilter
        default: return nil
        }
    }
}

extension Usage {
    /// What isn't known counts as none; no part is more than its whole.
    init(_ usage: pbay_usage) {
        func count(_ value: Int64) -> Int { Int(max(0, min(value, 1 << 48))) }
        self.init(
            inputTokens: count(usage.input_tokens), cachedTokens: count(usage.cached_tokens),
            cacheWriteTokens: count(usage.cache_write_tokens), outputTokens: count(usage.output_tokens),
            reasoningTokens: count(usage.reasoning_tokens))
    }
}
