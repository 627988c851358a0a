import NIOHTTP1
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// What is done for `/v1/conversations` and what is below it.
extension RequestJob {
    func answer(_ endpoint: ConversationEndpoint) {
        switch (endpoint, method) {
        case (.all, _): createConversation()
        case (.one(let id), .POST): updateConversation(id)
        case (.one(let id), .DELETE): deleteConversation(id)
        case (.one(let id), _): answerConversation(id)
        case (.items(let id), .POST): addItems(to: id)
        case (.items(let id), _): answerItems(of: id)
        case (.item(let item, let id), .DELETE): deleteItem(item, of: id)
        case (.item(let item, let id), _): answerItem(item, of: id)
        }
    }

    private func createConversation() {
        perform(reading: server.responses.newConversation) { new, job, gateway throws(GatewayError) in
            let conversation = try await gateway.createConversation(
                new.items, metadata: new.metadata, owner: job.exchange.owner)
            job.answer(conversation)
        }
    }

    private func answerConversation(_ id: String) {
        perform { job, gateway throws(GatewayError) in
            job.answer(try await gateway.conversation(id, owner: job.exchange.owner))
        }
    }

    private func updateConversation(_ id: String) {
        perform(reading: server.responses.conversationMetadata) { metadata, job, gateway throws(GatewayError) in
            job.answer(try await gateway.updateConversation(id, metadata: metadata, owner: job.exchange.owner))
        }
    }

    private func deleteConversation(_ id: String) {
        perform { job, gateway throws(GatewayError) in
            try await gateway.deleteConversation(id, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.responses.conversationDeletion(of: id)))
        }
    }

    private func addItems(to id: String) {
        guard checksInclude() else { return }
        perform(reading: server.responses.newItems) { new, job, gateway throws(GatewayError) in
            try await gateway.append(new.items, givenIDs: new.givenIDs, to: id, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.responses.conversationItems(new.items, hasMore: false)))
        }
    }

    private func answerItems(of id: String) {
        let page: PageQuery
        do throws(GatewayError) {
            let query = try Query(query)
            page = try query.page()
            try query.checkInclude()
        } catch {
            return fail(error)
        }
        perform { job, gateway throws(GatewayError) in
            let items = try await gateway.items(of: id, owner: job.exchange.owner, page: page)
            job.answer(Answer(.ok, body: job.server.responses.conversationItems(items.items, hasMore: items.hasMore)))
        }
    }

    private func answerItem(_ item: String, of id: String) {
        guard checksInclude() else { return }
        perform { job, gateway throws(GatewayError) in
            let item = try await gateway.item(item, of: id, owner: job.exchange.owner)
            job.answer(Answer(.ok, body: job.server.responses.conversationItem(item)))
        }
    }

    private func deleteItem(_ item: String, of id: String) {
        perform { job, gateway throws(GatewayError) in
            job.answer(try await gateway.deleteItem(item, of: id, owner: job.exchange.owner))
        }
    }

    private func answer(_ conversation: Conversation) {
        answer(Answer(.ok, body: server.responses.body(of: conversation)))
    }

    /// False: the query is no good, and that was answered.
    private func checksInclude() -> Bool {
        do throws(GatewayError) {
            try Query(query).checkInclude()
            return true
        } catch {
            fail(error)
            return false
        }
    }
}
