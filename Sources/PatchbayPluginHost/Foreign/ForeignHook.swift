internal import NIOCore
internal import PatchbayLifecycle
import PatchbayJSON
internal import PatchbayModel
import Synchronization

/// A C function as a hook: it is given each text of a point's document, and what it returns takes the text's place; or
/// it is asked for a status, and one that is no success rejects the request.
final class ForeignHook: Hook {
    let name: String
    let interest: HookInterest
    private let function: ForeignFunction
    private let threads: WorkerThreads

    /// The points that have texts.
    static let points: [HookPoint] = [.request, .historyLoaded, .toolResult]

    init(
        _ name: String, points: [HookPoint], _ function: ForeignFunction, threads: WorkerThreads
    ) throws(ForeignError) {
        let signature = function.signature
        let given = signature.parameters.filter(\.isGiven)
        guard given.count == 1, let text = given.first, text.role == .given, text.type == .string || text.type == .bytes
        else {
            throw ForeignError("args", "must have exactly one argument that is given, a string or bytes: the text")
        }
        let told =
            signature.parameters.filter(\.isTold).map(\.type) + (signature.result.isTold ? [signature.result.type] : [])
        let isText = told.count == 1 && (told[0] == .string || told[0] == .bytes)
        guard isText || (told.isEmpty && signature.result.success != nil) else {
            throw ForeignError("returns", "must make a hook's function give one text, or a status with 'ok'")
        }
        self.name = name
        self.function = function
        self.threads = threads
        interest = HookInterest(points, events: 0)
    }

    func open(_ request: HookedRequest) throws(HookFault) -> any HookSession {
        ForeignHookSession(self, request.strand)
    }

    /// Begins a visit on a thread. False: too many are under way.
    fileprivate func run(
        _ visit: HookVisit, _ state: ForeignVisit, then: @escaping @Sendable (HookVerdict) -> Void
    ) -> Bool {
        threads.run { then(self.verdict(on: visit, state)) }
    }

    /// [may-block]
    private func verdict(on visit: HookVisit, _ state: ForeignVisit) -> HookVerdict {
        guard let bytes = visit.document?(), let root = try? JSONDocument.parse(bytes, limits: .stored).root else {
            return .failed(HookFault("the document of the point can't be read"))
        }
        let texts = ForeignTexts(root, at: visit.point)
        var replaced: [(range: Range<Int>, text: String)] = []
        for text in texts.found {
            // The budget has run out, or nobody is there any more: the rest would be for nothing.
            if state.isCancelled { return .proceed }
            guard let old = text.string, !old.isEmpty else { continue }
            let call: ForeignCall
            do throws(ForeignRefusal) { call = try function.call(text: old) } catch {
                return .failed(HookFault(error.message))
            }
            let output: ForeignOutput
            do throws(ForeignFailure) { output = try call.run() } catch {
                // Only a status speaks of the text; anything else is the function's own trouble.
                guard error.isStatus else { return .failed(HookFault(error.message)) }
                return .reject(GatewayError(.invalidRequest, error.message))
            }
            if let new = output.onlyText, new != old { replaced.append((text.range, new)) }
        }
        return replaced.isEmpty ? .proceed : .replace(texts.document(with: replaced))
    }
}

/// Whether anybody still waits for a visit's verdict.
private final class ForeignVisit: Sendable {
    private let cancelled = Atomic<Bool>(false)

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() { cancelled.store(true, ordering: .relaxed) }
}

/// One request at a C function.
private final class ForeignHookSession: HookSession {
    private let hook: ForeignHook
    private let strand: any EventLoop
    private var visit: ForeignVisit?

    init(_ hook: ForeignHook, _ strand: any EventLoop) {
        self.hook = hook
        self.strand = strand
    }

    func visit(_ visit: HookVisit, later: @escaping (HookVerdict) -> Void) -> HookVerdict? {
        guard visit.document != nil else { return .proceed }
        let state = ForeignVisit()
        let later = NIOLoopBound(later, eventLoop: strand)
        let strand = strand
        let isTaken = hook.run(visit, state) { verdict in
            strand.execute { later.value(verdict) }
        }
        guard isTaken else { return .failed(HookFault("too many calls of the C function are under way")) }
        self.visit = state
        return nil
    }

    func cancel() {
        visit?.cancel()
    }

    func close() {}
}
