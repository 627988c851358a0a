/// What decides an answer, read out of the documents of the points. Nil where a request's answer can't be kept.
enum Documents {
    /// Members of a request's body that don't decide the answer, and those that the prompt has anew with the history.
    private static let uncounted: [StaticString] = [
        "input", "instructions", "previous_response_id", "conversation", "metadata", "user", "safety_identifier",
        "prompt_cache_key", "prompt_cache_retention", "stream", "stream_options", "store", "background",
    ]

    /// Items whose `id` is only a name. Of other items, such as a reference to one, it is what they say.
    private static let named: [StaticString] = [
        "message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
    ]

    /// The document of the request point: all of its fields but those above, also unknown ones, in whatever order.
    static func fields(_ bytes: [UInt8], _ configuration: Configuration) -> Fingerprint? {
        guard let body = parse(bytes), body["background"]?.bool != true, isAllowed(body, configuration) else {
            return nil
        }
        let counted = body.members.filter { member in
            !member.value.isNull && !uncounted.contains { member.keyEquals($0) }
        }
        let fields = counted.map { (key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
        return .of { maker in
            maker.add(count: fields.count)
            for field in fields {
                maker.add(field.key)
                maker.add(field.value)
            }
        }
    }

    /// Whether the temperature is low enough, where that matters, and all tools are the client's: what the upstream's own
    /// tools find is another thing tomorrow.
    private static func isAllowed(_ body: JSONValue, _ configuration: Configuration) -> Bool {
        if let highest = configuration.maxTemperature {
            guard (body["temperature"]?.double ?? 1) <= highest else { return false }
        }
        guard let tools = body["tools"] else { return true }
        return tools.elements.allSatisfy { tool in
            tool["type"]?.stringEquals("function") == true || tool["type"]?.stringEquals("custom") == true
        }
    }

    /// The document of the history_loaded point: the model, the instructions and all items.
    static func prompt(_ bytes: [UInt8]) -> Fingerprint? {
        guard let prompt = parse(bytes), let input = prompt["input"]?.array else { return nil }
        return .of { maker in
            for key: StaticString in ["model", "instructions"] {
                if let value = prompt[key], !value.isNull {
                    maker.add(value)
                } else {
                    maker.add(count: 0)
                }
            }
            maker.add(count: input.count)
            for item in input { add(item, to: &maker) }
        }
    }

    private static func add(_ item: JSONValue, to maker: inout Fingerprint.Maker) {
        let type = item["type"]
        let isNamed = type == nil || named.contains { type?.stringEquals($0) == true }
        if isNamed, item.object != nil {
            maker.add(item, without: "id")
        } else {
            maker.add(item)
        }
    }

    /// The document of the route point: who is to answer, and by which model of his.
    static func route(_ bytes: [UInt8]) -> (fingerprint: Fingerprint, provider: String)? {
        guard let route = parse(bytes), let provider = route["provider"]?.string else { return nil }
        let fingerprint = Fingerprint.of { maker in
            for key: StaticString in ["model", "provider", "upstream_model"] {
                if let value = route[key] {
                    maker.add(value)
                } else {
                    maker.add(count: 0)
                }
            }
        }
        return (fingerprint, provider)
    }

    /// The document of the complete point: nil unless the response is complete; its usage where it has one.
    static func response(_ bytes: [UInt8]) -> Response? {
        guard let response = parse(bytes), response["status"]?.stringEquals("completed") == true else { return nil }
        guard let usage = response["usage"], !usage.isNull else { return Response(usage: nil) }
        let (input, output) = (usage["input_tokens_details"], usage["output_tokens_details"])
        return Response(
            usage: Usage(
                input: usage["input_tokens"]?.int ?? -1, cached: input?["cached_tokens"]?.int ?? -1,
                cacheWrite: input?["cache_write_tokens"]?.int ?? -1, output: usage["output_tokens"]?.int ?? -1,
                reasoning: output?["reasoning_tokens"]?.int ?? -1))
    }

    struct Response {
        var usage: Usage?
    }

    private static func parse(_ bytes: [UInt8]) -> JSONValue? {
        (try? JSONDocument.parse(bytes, limits: .stored))?.root
    }
}
