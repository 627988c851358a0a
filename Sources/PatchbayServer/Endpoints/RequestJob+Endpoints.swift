import NIOHTTP1
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// What is done for each path, once the request is whole.
extension RequestJob {
    func start() {
        switch endpoint {
        case .health: answerHealth()
        case .plugins: answerPlugins()
        case .models: answerModels()
        case .model(let name): answerModel(name)
        case .generation(let generation): method == .POST ? generation.start(self) : answerChatCompletions()
        case .inputTokens: answerInputTokens()
        case .messageTokens: answerMessageTokens()
        case .compaction: answerCompaction()
        case .embeddings: answerEmbeddings()
        case .response(let id): method == .DELETE ? deleteResponse(id) : answerResponse(id)
        case .inputItems(let id): answerInputItems(of: id)
        case .conversations(let endpoint): answer(endpoint)
        case .cancellation(let id): cancelResponse(id)
        case .chatCompletion(let id): answerChatCompletion(id)
        case .chatMessages(let id): answerChatMessages(of: id)
        case nil: break
        }
    }

    private func answerHealth() {
        let isDraining = connection.isDraining
        answer(
            Answer(
                isDraining ? .serviceUnavailable : .ok,
                body: Array((isDraining ? #"{"status":"draining"}"# : #"{"status":"ok"}"#).utf8)))
    }

    private func answerInputTokens() {
        perform(reading: server.responses.conversation) { request, job, gateway throws(GatewayError) in
            let count = try await gateway.countInput(of: request, in: job.exchange)
            job.answer(
                Answer(
                    .ok,
                    body: job.server.responses.body(inputTokens: count.tokens, isEstimated: count.isEstimated)))
        }
    }

    private func answerMessageTokens() {
        let format = server.formats.messages
        perform(reading: format.count) { read, job, gateway throws(GatewayError) in
            let (request, options) = read
            do throws(GatewayError) {
                let count = try await gateway.countInput(of: request, in: job.exchange)
                job.answer(Answer(.ok, body: format.body(inputTokens: count.tokens)))
            } catch {
                throw format.localised(error, options)
            }
        }
    }

    private func answerCompaction() {
        perform(reading: server.responses.conversation) { request, job, gateway throws(GatewayError) in
            let compacted = try await gateway.compact(request, in: job.exchange)
            job.answer(
                Answer(
                    .ok,
                    body: job.server.responses.body(
                        compaction: compacted.id, createdAt: compacted.createdAt, output: compacted.output,
                        usage: compacted.usage)))
        }
    }

    private func answerResponse(_ id: String) {
        do throws(GatewayError) {
            let query = try Query(query)
            try query.checkInclude()
            if let last = try query.resumption() { return resumeStream(of: id, after: last) }
        } catch {
            return fail(error)
        }
        perform { job, gateway throws(GatewayError) in
            let response = try await gateway.response(id, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.responses.body(of: response)))
        }
    }

    /// The stream of a response, after the event of a number.
    private func resumeStream(of id: String, after last: Int) {
        open(EventStream(job: self, encoder: server.responses.makeEncoder(after: last)))
        perform { job, gateway throws(GatewayError) in
            guard let sink = job.sink else { return }  // the client has gone already
            try await gateway.resume(id, in: job.exchange, to: sink)
            job.streamReturned()
        }
    }

    private func cancelResponse(_ id: String) {
        perform { job, gateway throws(GatewayError) in
            let response = try await gateway.cancelResponse(id, in: job.exchange)
            job.answer(Answer(.ok, body: job.server.responses.body(of: response)))
        }
    }

    private func deleteResponse(_ id: String) {
        perform { job, gateway throws(GatewayError) in
            try await gateway.deleteResponse(id, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.responses.deletion(of: id)))
        }
    }

    private func answerInputItems(of id: String) {
        let page: PageQuery
        do throws(GatewayError) {
            let query = try Query(query)
            page = try query.page()
            try query.checkInclude()
        } catch {
            return fail(error)
        }
        perform { job, gateway throws(GatewayError) in
            let items = try await gateway.inputItems(of: id, owner: job.exchange.owner, page: page)
            job.answer(Answer(.ok, body: job.server.responses.itemList(items.items, hasMore: items.hasMore)))
        }
    }
}
