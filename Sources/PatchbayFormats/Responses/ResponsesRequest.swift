import PatchbayJSON
import PatchbayModel

/// Reading a request: every field that is known is checked, every other is carried.
extension Request {
    init(responses root: JSONValue) throws(GatewayError) {
        let fields = try FieldReader(body: root)
        let model = try fields.requiredString("model", maxLength: 256)
        let previous = try Self.previous(fields)
        let stream = try fields.bool("stream") ?? false
        let store = try fields.bool("store") ?? true
        let conversation = try Self.conversation(fields, previous: previous)
        if conversation != nil, !store { throw Self.conversationWithoutStore }
        let background = try fields.bool("background") ?? false
        guard store || !background else {
            throw .invalid(
                "A background response must be stored: leave out 'store', or set it to true.", param: "background",
                code: "background_not_stored")
        }
        try ResponsesSettings.check(fields)
        let tools = try ResponsesTools(root)
        let input = try ResponsesItems.read(root["input"])
        guard
            !input.isEmpty || previous != nil || conversation != nil || root["instructions"]?.kind == .string
        else {
            throw .invalid(
                "Missing required parameter: 'input' (a string or an array of items).", param: "input",
                code: "missing_required_parameter")
        }
        self.init(
            model: model, input: input, previousResponseID: previous, conversationID: conversation, stream: stream,
            store: store, background: background, fields: Self.carried(root), tools: tools.tools)
        try ResponsesContext.check(root, input: input)
        compaction = CompactionRule(fields: self.fields, input: input)
    }

    /// Reads a request that asks for no answer: to compact a conversation, or to count its tokens. A missing `model` is
    /// empty; whether there is an input is for the lifecycle to say.
    init(conversation root: JSONValue) throws(GatewayError) {
        let fields = try FieldReader(body: root)
        let model = try fields.string("model", maxLength: 256) ?? ""
        let previous = try Self.previous(fields)
        try ResponsesSettings.check(fields)
        let tools = try ResponsesTools(root)
        self.init(
            model: model, input: try ResponsesItems.read(root["input"]), previousResponseID: previous,
            conversationID: try Self.conversation(fields, previous: previous), stream: false, store: false,
            fields: Self.carried(root), tools: tools.tools)
    }

    /// The response to go on from, which may be named as the chat completion that it is too.
    private static func previous(_ fields: FieldReader) throws(GatewayError) -> String? {
        try fields.string("previous_response_id", maxLength: 256).map { Identifier.response(of: $0) }
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

    /// The id in `conversation`: a string, or an object that has it.
    private static func conversation(_ fields: FieldReader, previous: String?) throws(GatewayError) -> String? {
        guard let value = fields.present("conversation") else { return nil }
        let id: String?
        switch value.kind {
        case .string: id = try fields.requiredString("conversation", maxLength: 256)
        case .object: id = try fields.object("conversation")?.requiredString("id", maxLength: 256)
        default:
            throw fields.wrongType("conversation", expected: "a string or an object with an 'id'", found: value)
        }
        guard previous == nil else {
            throw .invalid(
                "'conversation' and 'previous_response_id' exclude each other: a conversation knows what came before.",
                param: "conversation", code: "mutually_exclusive_parameters")
        }
        return id
    }

    private static var conversationWithoutStore: GatewayError {
        .invalid(
            "A turn of a conversation is kept with it. Leave out 'store', or the conversation.", param: "store",
            code: "conversation_requires_store")
    }
}
