import PatchbayJSON
import PatchbayModel

/// Reading a request: every field that is known is checked, every other is carried.
extension Request {
    init(responses root: JSONValue) throws(GatewayError) {
        guard root.kind == .object else {
            throw .invalid("The body must be a JSON object.", param: nil, code: "invalid_json")
        }
        let fields = FieldReader(root)
        let model = try fields.requiredString("model", maxLength: 256)
        let previous = try fields.string("previous_response_id", maxLength: 256)
        let stream = try fields.bool("stream") ?? false
        let store = try fields.bool("store") ?? true
        let background = try fields.bool("background") ?? false
        guard store || !background else {
            throw .invalid(
                "A background response must be stored: leave out 'store', or set it to true.", param: "background",
                code: "background_not_stored")
        }
        try Self.refuseUnavailable(root)
        try ResponsesSettings.check(fields)
        let tools = try ResponsesTools(root)
        let input = try ResponsesItems.read(root["input"])
        guard !input.isEmpty || previous != nil || root["instructions"]?.kind == .string else {
            throw .invalid(
                "Missing required parameter: 'input' (a string or an array of items).", param: "input",
                code: "missing_required_parameter")
        }
        self.init(
            model: model, input: input, previousResponseID: previous, stream: stream, store: store,
            background: background,
            fields: Self.carried(root), tools: tools.tools)
        try ResponsesContext.check(root, input: input)
        compaction = CompactionRule(fields: self.fields, input: input)
    }

    /// Reads a request that asks for no answer: to compact a conversation, or to count its tokens. A missing `model` is
    /// empty; whether there is an input is for the lifecycle to say.
    init(conversation root: JSONValue) throws(GatewayError) {
        guard root.kind == .object else {
            throw .invalid("The body must be a JSON object.", param: nil, code: "invalid_json")
        }
        let fields = FieldReader(root)
        let model = try fields.string("model", maxLength: 256) ?? ""
        let previous = try fields.string("previous_response_id", maxLength: 256)
        try Self.refuseUnavailable(root)
        try ResponsesSettings.check(fields)
        let tools = try ResponsesTools(root)
        self.init(
            model: model, input: try ResponsesItems.read(root["input"]), previousResponseID: previous, stream: false,
            store: false, fields: Self.carried(root), tools: tools.tools)
    }

    /// Fields that become typed properties of the request; the others are carried as they are.
    private static let taken: Set<String> = [
        "model", "input", "previous_response_id", "stream", "store", "background", "conversation", "patchbay",
    ]

    private static func carried(_ root: JSONValue) -> RequestFields {
        var fields: [RequestFields.Field] = []
        for member in root.members {
            let key = member.key
            if taken.contains(key) || member.value.isNull { continue }
            fields.append(RequestFields.Field(name: key, json: Array(member.value.raw)))
        }
        return RequestFields(fields)
    }

    /// What the specification has and this version doesn't: refused, never ignored.
    private static func refuseUnavailable(_ root: JSONValue) throws(GatewayError) {
        if let conversation = root["conversation"], !conversation.isNull {
            throw .invalid(
                "Conversations are not available in this version of Patchbay. Chain responses by 'previous_response_id'.",
                param: "conversation", code: "unsupported_parameter")
        }
    }
}
