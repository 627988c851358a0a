import NIOHTTP1
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// What is done for a chat completion that is kept. It is a response under another id, and has its owner.
extension RequestJob {
    func answerChatCompletion(_ id: String) {
        switch method {
        case .DELETE: deleteChatCompletion(id)
        case .POST: updateChatCompletion(id)
        default: getChatCompletion(id)
        }
    }

    func answerChatCompletions() {
        let query: CompletionQuery
        do throws(GatewayError) {
            query = try Query(self.query).completions()
        } catch {
            return fail(error)
        }
        perform { job, gateway throws(GatewayError) in
            let page = try await gateway.completions(query, owner: job.exchange.owner)
            let list = job.server.formats.chat.list(page.responses, hasMore: page.hasMore, last: page.last)
            job.answer(Answer(.ok, body: list))
        }
    }

    private func updateChatCompletion(_ id: String) {
        let metadata: [UInt8]
        do throws(GatewayError) {
            metadata = try server.formats.chat.metadata(from: takeBody())
        } catch {
            return fail(error)
        }
        performChat(id) { response, job, gateway throws(GatewayError) in
            let response = try await gateway.updateCompletion(response, metadata: metadata, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.formats.chat.body(of: response)))
        }
    }

    private func getChatCompletion(_ id: String) {
        performChat(id) { response, job, gateway throws(GatewayError) in
            let response = try await gateway.response(response, owner: job.exchange.owner)
            // One that fails or is still running isn't a completion.
            guard response.status == .completed || response.status == .incomplete else { throw Self.notFound(id) }
            job.answer(Answer(.ok, body: job.server.formats.chat.body(of: response)))
        }
    }

    private func deleteChatCompletion(_ id: String) {
        performChat(id) { response, job, gateway throws(GatewayError) in
            try await gateway.deleteResponse(response, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.formats.chat.deletion(of: id)))
        }
    }

    func answerChatMessages(of id: String) {
        let page: PageQuery
        do throws(GatewayError) {
            page = try Query(query).page()
        } catch {
            return fail(error)
        }
        performChat(id) { response, job, gateway throws(GatewayError) in
            let items = try await gateway.inputItems(of: response, owner: job.exchange.owner, page: page)
            job.answer(Answer(.ok, body: job.server.formats.chat.messageList(items.items, hasMore: items.hasMore)))
        }
    }

    private func performChat(
        _ id: String, _ work: @escaping @Sendable (String, RequestJob, Gateway) async throws(GatewayError) -> Void
    ) {
        perform { job, gateway throws(GatewayError) in
            let response = Identifier.response(of: id)
            guard response != id else { throw Self.notFound(id) }
            do throws(GatewayError) {
                try await work(response, job, gateway)
            } catch  where error.code == "response_not_found" {
                throw Self.notFound(id)
            }
        }
    }

    private static func notFound(_ id: String) -> GatewayError {
        GatewayError(
            .notFound, "Chat completion with id '\(id.prefix(128))' not found.", code: "chat_completion_not_found")
    }
}
