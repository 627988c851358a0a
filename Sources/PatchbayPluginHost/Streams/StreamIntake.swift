import CPatchbay
internal import PatchbayLifecycle
internal import PatchbayModel

/// What is gathered of a call until its end.
enum StreamIntake: Sendable {
    /// The output of a tool.
    case text(ToolOutput)
    /// The vectors of embeddings.
    case vectors(VectorIntake)
}

extension StreamCall {
    /// [any] The plugin says something.
    func take(_ event: UnsafePointer<pbay_event>?, into intake: StreamIntake) -> Int32 {
        switch intake {
        case .text(let output): unsafe take(event, into: output)
        case .vectors(let vectors): unsafe take(event, into: vectors)
        }
    }

    /// [any] Vectors are taken, what an answer would be made of is dropped.
    private func take(_ event: UnsafePointer<pbay_event>?, into vectors: VectorIntake) -> Int32 {
        guard isOpen else { return PBAY_CLOSED.code }
        guard let event = unsafe event else { return refuse(.malformed("no event (a null pointer)")) }
        let pushed = unsafe pbay_event(plugin: event)
        switch unsafe Int(pushed.kind) {
        case PBAY_EVENT_VECTOR:
            if let fault = unsafe vectors.take(pushed) { return refuse(fault) }
            return PBAY_OK.code
        case PBAY_EVENT_TEXT..<PBAY_EVENT_VECTOR: return PBAY_OK.code
        default: return PBAY_EUNSUPPORTED.code
        }
    }
}
