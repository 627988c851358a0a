import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// The models, in the form of whose client asks.
extension RequestJob {
    func answerModels() {
        let models = server.gateway.models
        guard knowsAnthropic else { return answer(Answer(.ok, body: server.responses.modelList(models))) }
        do throws(GatewayError) {
            let page = try Query(query).page(of: models)
            answer(Answer(.ok, body: server.formats.messages.modelList(page.models, hasMore: page.hasMore)))
        } catch {
            fail(error)
        }
    }

    func answerModel(_ name: String) {
        guard let model = server.gateway.model(name) else {
            return fail(
                GatewayError(
                    .notFound, "There is no model '\(name.prefix(128))'. GET /v1/models lists those that are served.",
                    code: "model_not_found", param: "model"))
        }
        answer(
            Answer(.ok, body: knowsAnthropic ? server.formats.messages.model(model) : server.responses.model(model)))
    }
}

extension Query {
    /// The page that Anthropic's `limit`, `after_id` and `before_id` ask for. `hasMore`: there are others after it, or
    /// before it where `before_id` is given.
    fileprivate func page(of all: [ModelListing]) throws(GatewayError) -> (models: [ModelListing], hasMore: Bool) {
        var limit = 20
        if let text = try value("limit") {
            guard let number = Int(text), (1...1000).contains(number) else {
                throw .invalid("'limit' must be a whole number from 1 to 1000.", param: "limit")
            }
            limit = number
        }
        let before = try place("before_id", in: all)
        if let after = try place("after_id", in: all) {
            guard before == nil else {
                throw .invalid("'after_id' and 'before_id' exclude one another.", param: "before_id")
            }
            let rest = all[(after + 1)...]
            return (Array(rest.prefix(limit)), rest.count > limit)
        }
        guard let before else { return (Array(all.prefix(limit)), all.count > limit) }
        return (Array(all[..<before].suffix(limit)), before > limit)
    }

    private func place(_ name: String, in all: [ModelListing]) throws(GatewayError) -> Int? {
        guard let id = try value(name) else { return nil }
        guard let index = all.firstIndex(where: { $0.name == id }) else {
            throw .invalid("There is no model '\(id.prefix(128))' in this list.", param: name)
        }
        return index
    }
}
