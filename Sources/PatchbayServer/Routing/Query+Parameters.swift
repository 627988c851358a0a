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

    /// Checks `include`. What it asks for is there anyway: items are given back as they came.
    func checkInclude() throws(GatewayError) {
        for value in values("include") where !Self.includable.contains(value) {
            throw .invalid(
                "'include' knows no '\(value.prefix(64))'. It knows: \(Self.includable.joined(separator: ", ")).",
                param: "include")
        }
    }

    /// Checks `stream`: streams can't be taken up again in this version.
    func checkStream() throws(GatewayError) {
        switch try value("stream") {
        case nil, "false", "": break
        case "true":
            throw .invalid(
                "Taking up a stream again isn't available in this version. Ask without 'stream' for the response as it is.",
                param: "stream", code: "stream_not_available")
        default: throw .invalid("'stream' must be 'true' or 'false'.", param: "stream")
        }
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
