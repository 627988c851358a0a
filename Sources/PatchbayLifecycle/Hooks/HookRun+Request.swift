import PatchbayJSON
import PatchbayModel

/// The points before a request's conversation is put together.
extension HookRun {
    /// The request has come. Returns what the hooks leave of it; a hook may have planned an answer.
    @inline(never)
    func request(_ request: Request) async throws(GatewayError) -> Request {
        var request = request
        var document = HookDocument { [request] in request.document }
        for (index, seat) in seats.enumerated() {
            reach(seat: index)
            guard seat.sees(.request) else { continue }
            switch try await verdict(of: seat, HookVisit(.request, document: document.bytes)) {
            case .proceed: continue
            case .replace(let body):
                do throws(HookFault) {
                    request = try request.replaced(by: body, read: gateway.readRequest)
                    if gateway.store == nil { request.store = false }
                    document = HookDocument { [request] in request.document }
                } catch {
                    try failed(seat, at: .request, error.reason)
                }
            case .answer(let answer):
                guard try isPlayable(answer, of: seat, at: .request) else { continue }
                plan(answer, by: index)
                return request
            default: try failed(seat, at: .request, Self.misplaced)
            }
        }
        return request
    }

    /// The request's model has been looked up. Returns the route that it goes.
    @inline(never)
    func route(_ route: Route, of request: Request) async throws(GatewayError) -> Route {
        guard planned == nil else { return route }
        var route = route
        var model = request.model
        var document = Self.document(of: route, for: model)
        for (index, seat) in seats.enumerated() {
            reach(seat: index)
            guard seat.sees(.route) else { continue }
            switch try await verdict(of: seat, HookVisit(.route, document: document.bytes)) {
            case .proceed: continue
            case .replace(let json):
                guard let (name, other) = try self.other(json, of: seat, at: .route) else { continue }
                (model, route) = (name, other)
                document = Self.document(of: route, for: model)
            case .answer(let answer):
                guard try isPlayable(answer, of: seat, at: .route) else { continue }
                plan(answer, by: index)
                return route
            default: try failed(seat, at: .route, Self.misplaced)
            }
        }
        return route
    }

    private static func document(of route: Route, for model: String) -> HookDocument {
        HookDocument {
            var json = JSONWriter()
            json.object { json in
                json.member("model", model)
                json.member("provider", route.provider.name)
                json.member("upstream_model", route.upstreamModel)
                json.member("fallbacks") { json in
                    json.array { json in
                        for fallback in route.fallbacks {
                            json.object { json in
                                json.member("provider", fallback.provider.name)
                                json.member("upstream_model", fallback.upstreamModel)
                            }
                        }
                    }
                }
            }
            return json.bytes
        }
    }

    /// The route of the model that a hook names in `{"model": …}`; nil where that is no name, and doesn't matter.
    func other(_ json: [UInt8], of seat: HookSeat, at point: HookPoint) throws(GatewayError) -> (String, Route)? {
        guard let name = (try? JSONDocument.parse(json))?.root["model"]?.string else {
            try failed(seat, at: point, "its replacement has no 'model' as text")
            return nil
        }
        guard let route = try? gateway.router.route(name) else {
            try failed(seat, at: point, "its replacement names a model that isn't served here")
            return nil
        }
        return (name, route)
    }

    /// Whether an answer is one that could have been a provider's; false where it isn't, and that doesn't matter.
    func isPlayable(_ answer: HookAnswer, of seat: HookSeat, at point: HookPoint) throws(GatewayError) -> Bool {
        do throws(GatewayError) {
            if case .failed = answer.outcome { throw AnswerBuilder.nonsense("an answer that has failed") }
            var builder = AnswerBuilder(maxBytes: gateway.policy.maxAnswerBytes, rules: .none)
            for event in answer.events { try builder.receive(event) { _ in } }
            return true
        } catch {
            try failed(seat, at: point, "its answer makes no sense: \(error.code ?? error.detail ?? "")")
            return false
        }
    }
}
