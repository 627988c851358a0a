import PatchbayJSON
import PatchbayModel

/// What a hook says of an attempt that failed.
enum HookDetour {
    /// It goes on as the host has it.
    case none
    case ask(Route)
    case answer(HookAnswer)
}

/// The points around the asking of a provider.
extension HookRun {
    /// A provider is about to be asked. Returns what it is to be given, and the answer that takes its place where there
    /// is one.
    @inline(never)
    func historyLoaded(_ prompt: Prompt, of request: Request, by route: Route) async throws(GatewayError)
        -> (Prompt, HookAnswer?)
    {
        if let planned = takePlanned() { return (prompt, planned) }
        beginAsking()
        var prompt = prompt
        let defaults = route.defaults
        func document(_ prompt: Prompt) -> HookDocument {
            HookDocument {
                prompt.document(
                    model: request.model,
                    instructions: prompt.instructions ?? request.instructions ?? defaults.text("instructions"))
            }
        }
        var shown = document(prompt)
        for (index, seat) in seats.enumerated() where seat.sees(.historyLoaded) {
            let visit = HookVisit(.historyLoaded, wasSent: wasSent, round: round, document: shown.bytes)
            switch try await verdict(of: seat, visit) {
            case .proceed: continue
            case .replace(let json):
                do throws(HookFault) {
                    prompt = try prompt.replaced(by: json, model: request.model, read: gateway.readRequest)
                    shown = document(prompt)
                } catch {
                    try failed(seat, at: .historyLoaded, error.reason)
                }
            case .answer(let answer):
                guard try isPlayable(answer, of: seat, at: .historyLoaded) else { continue }
                answered(by: index)
                return (prompt, answer)
            default: try failed(seat, at: .historyLoaded, Self.misplaced)
            }
        }
        return (prompt, nil)
    }

    /// A provider has failed before its first word. `next`: who would be asked now.
    @inline(never)
    func attemptFailed(_ error: GatewayError, _ model: String, by route: Route, attempt: Int, next: Route?)
        async throws(GatewayError) -> HookDetour
    {
        var detour = HookDetour.none
        var next = next?.provider.name
        for (index, seat) in seats.enumerated().reversed() where index < reach && seat.sees(.attemptFailed) {
            let visit = HookVisit(.attemptFailed, wasSent: wasSent, round: round) { [next] in
                var json = JSONWriter()
                json.object { json in
                    json.member("model", model)
                    json.member("provider", route.provider.name)
                    json.member("upstream_model", route.upstreamModel)
                    json.member("attempt", attempt)
                    json.member("error") { error.write(to: &$0) }
                    json.member("next", next)
                }
                return json.bytes
            }
            switch try await verdict(of: seat, visit) {
            case .proceed: continue
            case .replace(let json):
                guard detours < Self.maxDetours else {
                    try failed(
                        seat, at: .attemptFailed, "a request is sent elsewhere \(Self.maxDetours) times at most")
                    continue
                }
                guard let (_, other) = try other(json, of: seat, at: .attemptFailed) else { continue }
                detours += 1
                detour = .ask(other)
                next = other.provider.name
            case .answer(let answer):
                guard try isPlayable(answer, of: seat, at: .attemptFailed) else { continue }
                answered(by: index)
                return .answer(answer)
            default: try failed(seat, at: .attemptFailed, Self.misplaced)
            }
        }
        return detour
    }

    private static let maxDetours = 8
}

extension Request {
    /// The text of `instructions`.
    var instructions: String? { fields.text("instructions") }
}

extension RequestFields {
    /// A field that is text.
    func text(_ name: String) -> String? {
        self[name].flatMap { try? JSONDocument.parse($0) }?.root.string
    }
}

extension GatewayError {
    /// Writes the error as hooks see it.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", kind.rawValue)
            json.member("code", code)
            json.member("message", message)
        }
    }
}
