import PatchbayLifecycle
import PatchbayModel

extension Query {
    /// `limit`, `order`, `after`, `before` of a list.
    func page() throws(GatewayError) -> PageQuery {
        var page = PageQuery()
        if let text = try value("limit") {
            guard let limit = Int(text), (1...100).contains(limit) else {
                throw .invalid("'limit' must be a whole number from 1 to 100.", param: "limit")
            }
            page.limit = limit
        }
        if let text = try value("order") {
            guard let order = PageQuery.Order(rawValue: text) else {
                throw .invalid("'order' must be 'asc' or 'desc'.", param: "order")
            }
            page.order = order
        }
        page.after = try identifier("after")
        page.before = try identifier("before")
        return page
    }

    /// What a list of chat completions asks for: `limit`, `order` (from the oldest where it isn't given), `after`, `model`
    /// and `metadata[key]=value`.
    func completions() throws(GatewayError) -> CompletionQuery {
        var page = try page()
        if try value("order") == nil { page.order = .ascending }
        guard page.before == nil else {
            throw .invalid("Chat completions have no 'before': list them with 'order' and 'after'.", param: "before")
        }
        if let after = page.after {
            page.after = Identifier.response(of: after)
            guard page.after != after else {
                throw .invalid("'after' must be the id of a chat completion.", param: "after")
            }
        }
        let metadata = mapping("metadata").map { CompletionQuery.Pair(key: $0.key, value: $0.value) }
        guard metadata.count <= 16 else {
            throw .invalid(
                "'metadata' has \(metadata.count) pairs. Expected at most 16.", param: "metadata",
                code: "object_above_max_properties")
        }
        return CompletionQuery(page: page, model: try value("model"), metadata: metadata)
    }

    /// Checks `include`. What it asks for is there anyway: items are given back as they came.
    func checkInclude() throws(GatewayError) {
        for value in values("include") where !Self.includable.contains(value) {
            throw .invalid(
                "'include' knows no '\(value.prefix(64))'. It knows: \(Self.includable.joined(separator: ", ")).",
                param: "include")
        }
    }

    /// `stream` and `starting_after`: the number of the last event that the client has, -1 for none; nil where no
    /// stream is asked for.
    func resumption() throws(GatewayError) -> Int? {
        let after = try value("starting_after")
        switch try value("stream") {
        case nil, "false", "":
            guard after == nil else {
                throw .invalid("'starting_after' needs 'stream=true'.", param: "starting_after")
            }
            return nil
        case "true": break
        default: throw .invalid("'stream' must be 'true' or 'false'.", param: "stream")
        }
        guard let after else { return -1 }
        guard let number = Int(after), number >= 0 else {
            throw .invalid(
                "'starting_after' must be the sequence number of an event, a whole number from 0.",
                param: "starting_after")
        }
        return number
    }

    private func identifier(_ name: String) throws(GatewayError) -> String? {
        guard let text = try value(name) else { return nil }
        guard !text.isEmpty, text.utf8.count <= 256 else {
            throw .invalid("'\(name)' must be the id of an item.", param: name)
        }
        return text
    }

    private static let includable = [
        "code_interpreter_call.outputs", "computer_call_output.output.image_url", "file_search_call.results",
        "message.input_image.image_url", "message.output_text.logprobs", "reasoning.encrypted_content",
        "web_search_call.action.sources", "web_search_call.results",
    ]
}
