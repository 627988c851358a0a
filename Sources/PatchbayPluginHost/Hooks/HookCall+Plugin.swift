import CPatchbay
internal import Logging
internal import NIOCore
internal import PatchbayLifecycle
internal import PatchbayModel
import Synchronization

// What the plugin calls, from any thread.
extension HookCall {
    /// Whether the visit takes anything.
    func isOpen(_ visit: UInt64) -> Bool { state.withLock { $0.isOpen(visit) } }

    /// A verdict; `make` is given what was emitted.
    func give(_ visit: UInt64, _ make: @Sendable ([ProviderEvent]) -> HookVerdict) -> Int32 {
        switch state.withLock({ $0.give(visit, make) }) {
        case .deliver(let verdict, let counts):
            hand(verdict)
            return counts ? PBAY_OK.code : PBAY_CLOSED.code
        case .kept(let counts):
            return counts ? PBAY_OK.code : PBAY_CLOSED.code
        case .second:
            countSecondVerdict()
            return PBAY_CLOSED.code
        case .closed:
            return PBAY_CLOSED.code
        }
    }

    /// In the log ever more seldom, so that a plugin can't fill it.
    private func countSecondVerdict() {
        let count = plugin.secondVerdicts.add(1, ordering: .relaxed).newValue
        guard count & (count - 1) == 0 else { return }
        plugin.logger.warning(
            "a plugin gave more than one verdict of a visit; all but the first are refused",
            metadata: ["times": "\(count)"])
    }

    /// The point's document, made when it is first asked for.
    func document(_ visit: UInt64) -> Result<LentBytes, HookRefusal> {
        documents.withLock { _ in
            let (isOpen, lent, make) = state.withLock { ($0.isOpen(visit), $0.lent?.document, $0.document) }
            guard isOpen else { return .failure(.closed) }
            if let lent { return .success(lent) }
            guard let make else { return .failure(.unsupported) }
            let made = LentBytes(make())
            return state.withLock { state in
                guard state.isOpen(visit) else { return .failure(.closed) }
                state.lending().document = made
                return .success(made)
            }
        }
    }

    func emit(_ visit: UInt64, _ event: ProviderEvent, bytes: Int) -> Int32 {
        switch state.withLock({ $0.emit(visit, event, bytes: bytes) }) {
        case .taken: PBAY_OK.code
        case .closed: PBAY_CLOSED.code
        case .tooMuch: PBAY_ELIMIT.code
        }
    }

    func put(_ visit: UInt64, _ value: [UInt8], named name: String) -> Int32 {
        guard isOpen(visit) else { return PBAY_CLOSED.code }
        do throws(GatewayError) {
            try services.put(value, named: name)
            return PBAY_OK.code
        } catch {
            return error.kind == .tooLarge ? PBAY_ELIMIT.code : PBAY_EINVALID.code
        }
    }

    func value(_ visit: UInt64, named name: String) -> Result<LentBytes, HookRefusal> {
        guard isOpen(visit) else { return .failure(.closed) }
        guard let value = services.value(named: name) else { return .failure(.notFound) }
        return state.withLock { state in
            guard state.isOpen(visit) else { return .failure(.closed) }
            return state.lending().keep(value).map { .success($0) } ?? .failure(.tooMuch)
        }
    }

    /// Asks a model; `ask` hears of the answer, unless this is a refusal.
    func begin(_ ask: HookAsk, of visit: UInt64, _ body: [UInt8]) -> (Int32, String)? {
        let refusal: (Int32, String)? = state.withLock { state in
            guard state.isOpen(visit) else { return (PBAY_CLOSED.code, "the visit is over") }
            guard state.admit(ask) else { return (PBAY_EOVERLOADED.code, "too many questions of one visit") }
            return nil
        }
        if let refusal { return refusal }
        do throws(GatewayError) {
            // A turn later: the plugin isn't called from inside its own call.
            try services.ask(body) { answer in self.loop.execute { ask.end(answer) } }
            return nil
        } catch {
            // A cancel may have come meanwhile, and has told the plugin.
            guard ask.withdraw() else { return nil }
            loop.execute { self.ended(ask) }
            return (error.kind == .overloaded ? PBAY_EOVERLOADED.code : PBAY_EINVALID.code, error.message)
        }
    }
}
