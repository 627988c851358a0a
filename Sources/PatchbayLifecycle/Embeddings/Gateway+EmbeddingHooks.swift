import PatchbayJSON
import PatchbayModel

/// Hooks see a request for vectors as they see every request: a message of the user's for each text.
extension Gateway {
    /// What hooks leave of a request, and its route.
    func visited(_ request: EmbeddingRequest, in exchange: Exchange) async throws(GatewayError) -> (
        EmbeddingRequest, Route
    ) {
        if hooks.isEmpty { return (request, try router.route(request.model, for: .embeddings)) }
        return try await visitedByHooks(request, in: exchange)
    }

    @inline(never)
    private func visitedByHooks(_ request: EmbeddingRequest, in exchange: Exchange) async throws(GatewayError) -> (
        EmbeddingRequest, Route
    ) {
        let shown = request.shown
        let (loaded, isAnswered) = try await loadVisited(shown, for: .embeddings, in: exchange)
        guard !isAnswered else {
            throw .invalid(
                "A hook of this server answers this request in the model's place, and a vector can't be said so.",
                param: "input", code: "request_rejected")
        }
        var request = request
        request.model = loaded.request.model
        request.fields["user"] = loaded.request.fields["user"]
        let items = loaded.prompt.items
        guard items.count == request.inputs.count else { throw Self.strange }
        for (index, item) in items.enumerated() where !item.elementsEqual(shown.input[index].body) {
            guard let input = EmbeddingRequest.input(of: item) else { throw Self.strange }
            request.inputs[index] = input
        }
        return (request, loaded.route)
    }

    private static var strange: GatewayError {
        GatewayError(
            .internal, "A hook of this server failed at the request. Its log says which and why.", code: "hook_failed",
            detail: "the inputs of embeddings were replaced by what isn't a text for each of them")
    }
}

extension EmbeddingRequest {
    /// The request as hooks see it: a Responses request with an item for each input. Of the client's fields it has
    /// `user` alone: another may have a name that is a Responses request's, and no value that such a one takes.
    fileprivate var shown: Request {
        var fields = RequestFields()
        fields["user"] = self.fields["user"]
        fields["patchbay"] = Array(#"{"endpoint":"/v1/embeddings"}"#.utf8)
        return Request(
            model: model, input: inputs.map(Self.item), previousResponseID: nil, stream: false, store: false,
            fields: fields, tools: [])
    }

    private static func item(_ input: ArraySlice<UInt8>) -> Item {
        var json = JSONWriter(capacity: input.count + 96)
        let isText = input.first == UInt8(ascii: "\"")
        json.object { json in
            if isText {
                json.member("type", literal: "message")
                json.member("role", literal: "user")
                json.member("content") { json in
                    json.array { json in
                        json.object { json in
                            json.member("type", literal: "input_text")
                            json.member("text", raw: input)
                        }
                    }
                }
            } else {
                json.member("type", literal: "patchbay:tokens")
                json.member("tokens", raw: input)
            }
        }
        let kind: Item.Kind = isText ? .message(role: "user") : .other(type: "patchbay:tokens")
        return Item(kind: kind, id: Identifier.item(for: kind), body: json.bytes)
    }

    /// The input that an item stands for; nil for one that stands for none.
    fileprivate static func input(of item: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let root = (try? JSONDocument.parse(Array(item)))?.root else { return nil }
        if root["type"]?.stringEquals("patchbay:tokens") == true {
            return root["tokens"].flatMap { $0.count > 0 ? $0.raw : nil }
        }
        guard let content = root["content"] else { return nil }
        let text = content.string ?? content.elements.compactMap { $0["text"]?.string }.joined()
        return text.isEmpty ? nil : JSONWriter.quoted(text)[...]
    }
}
