import PatchbayJSON
import PatchbayModel

/// What a model may call in one answer, whatever its provider makes of the request's `tools`, `tool_choice`,
/// `parallel_tool_calls` and `max_tool_calls`: a call of something else never reaches the client, and neither does one
/// call too many.
struct ToolRules {
    /// Nil: the names can't be known, because tools are offered that bring functions of their own.
    private var names: Set<String>?
    /// Why nothing may be called, or nothing but `names`, in words.
    private var reason = "which the request does not offer"
    private var isNone = false
    /// How many calls may still come, and how many of these may be for the client to run.
    private(set) var callsLeft = Int.max
    private var clientCallsLeft = Int.max
    /// The provider's numbers of calls that are ignored and not yet ended.
    private var ignoring: Set<Int> = []
    /// How many calls were ignored.
    private(set) var ignored = 0

    /// Lets everything pass.
    static let none = ToolRules()

    private init() {}

    /// `defaults`: the fields that the model's route adds.
    init(_ request: Request, defaults: RequestFields) {
        func field(_ name: String) -> [UInt8]? { request.fields[name] ?? defaults[name] }
        func value(_ name: String) -> JSONValue? { field(name).flatMap { try? JSONDocument.parse($0) }?.root }

        let fields = request.fields["tools"] == nil ? defaults : request.fields
        let offered = request.tools.isEmpty ? Tool.all(in: fields) : request.tools
        let bringsOwn =
            offered.contains { Self.bringsFunctions.contains($0.type) }
            || request.input.contains { Self.itemsWithTools.contains($0.type) }
        if !bringsOwn { names = Set(offered.compactMap(\.name)) }
        if let choice = value("tool_choice") {
            if choice.stringEquals("none") {
                isNone = true
            } else if let allowed = AllowedTools(choice: field("tool_choice"), tools: field("tools")) {
                names = allowed.names
                reason = "which 'tool_choice' does not allow"
            } else if choice["type"]?.stringEquals("function") == true, let name = choice["name"]?.string {
                names = [name]
                reason = "which 'tool_choice' does not allow"
            }
        }
        if let bound = value("max_tool_calls")?.int { callsLeft = bound }
        if value("parallel_tool_calls")?.bool == false { clientCallsLeft = 1 }
    }

    /// Tool types whose functions have names of their own.
    private static let bringsFunctions: Set<String> = ["mcp", "namespace", "programmatic_tool_calling", "tool_search"]

    /// The same for the next round of an answer: calls count over all rounds. `mayCall` false: all are ignored.
    func following(_ last: ToolRules, mayCall: Bool) -> ToolRules {
        var rules = self
        rules.ignored = last.ignored
        rules.callsLeft = mayCall ? last.callsLeft : 0
        if !mayCall { rules.isNone = false }
        return rules
    }

    /// Items that bring functions into a conversation.
    static let itemsWithTools: Set<String> = ["additional_tools", "tool_search_output"]

    /// Whether a function call that begins is to be shown; false: it is ignored, with all that follows of it. Throws
    /// where it isn't allowed at all.
    mutating func admit(_ name: String, index: Int) throws(GatewayError) -> Bool {
        try check(name)
        if takeCall(isForClient: true) { return true }
        ignoring.insert(index)
        return false
    }

    /// Whether more of this call is to be shown.
    func shows(_ index: Int) -> Bool {
        ignoring.isEmpty || !ignoring.contains(index)
    }

    /// Whether the end of this call is to be shown.
    mutating func end(_ index: Int) -> Bool {
        ignoring.isEmpty || ignoring.remove(index) == nil
    }

    /// Whether an item that came whole is to be shown.
    mutating func admit(_ item: Item) throws(GatewayError) -> Bool {
        guard item.type.hasSuffix("_call") else { return true }
        let isNamed = item.type == "function_call" || item.type == "custom_tool_call"
        if isNamed {
            try check((try? JSONDocument.parse(item.body))?.root["name"]?.string ?? "")
        } else if isNone {
            throw Self.refusal(item.type, "although 'tool_choice' is 'none'")
        }
        return takeCall(isForClient: isNamed)
    }

    private func check(_ name: String) throws(GatewayError) {
        if isNone { throw Self.refusal(name, "although 'tool_choice' is 'none'") }
        if let names, !names.contains(name) { throw Self.refusal(name, reason) }
    }

    private mutating func takeCall(isForClient: Bool) -> Bool {
        guard callsLeft > 0, !isForClient || clientCallsLeft > 0 else {
            ignored += 1
            return false
        }
        callsLeft -= 1
        if isForClient { clientCallsLeft -= 1 }
        return true
    }

    private static func refusal(_ name: String, _ reason: String) -> GatewayError {
        GatewayError(
            .provider, "The model called the tool '\(name.prefix(64))', \(reason).", code: "tool_not_allowed")
    }
}
