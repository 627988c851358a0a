import PatchbayJSON
import PatchbayModel

/// What a turn's model may call of the server's tools, and how far the turn got with them. Confined to its strand.
final class TurnTools: @unchecked Sendable {
    /// The request as its model is given it in this round: the server's tools stand beside the client's.
    private(set) var request: Request
    /// How often tools have been run.
    private(set) var round = 0
    /// Unix milliseconds: when the turn began to ask. What is left of its time limit is counted from here.
    private(set) var start: Int64 = 0
    /// The first item of the answer that is this round's. The calls before it have their outputs.
    var first = 0
    private let maxRounds: Int
    /// By name, those that are offered and those that are never called.
    private let entries: [String: Toolbox.Entry]

    /// Nil where the model is offered none. `maxRounds`: after so many it is asked once more, and may call nothing.
    init?(_ box: Toolbox, for request: Request, on route: Route, maxRounds: Int) {
        let fields = request.fields["tools"] == nil ? route.defaults : request.fields
        let own = request.tools.isEmpty ? Tool.all(in: fields) : request.tools
        let entries = box.entries(named: route.tools, except: Set(own.compactMap(\.name)).union(request.namesInInput))
        guard !entries.isEmpty else { return nil }
        self.entries = Dictionary(entries.map { ($0.tool.name, $0) }) { first, _ in first }
        self.maxRounds = maxRounds
        self.request = request
        self.request.fields["tool_choice"] = request.fields["tool_choice"] ?? route.defaults["tool_choice"]
        self.request.tools = own + entries.map { Tool(type: "function", name: $0.tool.name) }
        let offered = entries.filter { $0.tool.approval != .never }
        guard !offered.isEmpty else { return }
        self.request.fields["tools"] = Self.joined(fields["tools"], offered)
    }

    /// The names of those whose calls aren't the client's.
    var names: Set<String> { Set(entries.values.filter { $0.tool.approval != .client }.map(\.tool.name)) }

    private static func joined(_ own: [UInt8]?, _ offered: [Toolbox.Entry]) -> [UInt8] {
        var json = JSONWriter(capacity: (own?.count ?? 0) + offered.reduce(2) { $0 + $1.definition.count + 1 })
        json.array { json in
            if let own = own.flatMap({ try? JSONDocument.parse($0) })?.root {
                for tool in own.elements { json.value(tool) }
            }
            for entry in offered { json.raw(entry.definition) }
        }
        return json.bytes
    }

    /// The turn begins to ask.
    func begin(at time: Int64) {
        start = time
    }

    /// The calls among the items that a provider made in one round. One that has its output already, since an upstream
    /// has run it, is none. Calls that are no function's are the client's.
    func calls(in items: ArraySlice<OutputItem>) -> ToolCalls {
        var calls = ToolCalls()
        let answered = Set(items.compactMap(\.answeredCall))
        var whole: [Item] = []
        for case .opaque(let item) in items { whole.append(item) }
        for item in items {
            guard let call = item.call else {
                if case .opaque(let item) = item, item.isOpenCall(among: whole) { calls.haveClients = true }
                continue
            }
            guard !answered.contains(call.callID) else { continue }
            if let entry = entries[call.name], entry.tool.approval != .client, !call.callID.isEmpty {
                calls.forServer.append(
                    ToolCall(entry: entry, item: item.item, callID: call.callID, arguments: call.arguments))
            } else {
                calls.haveClients = true
            }
        }
        return calls
    }

    /// Tools have been run, and the model is asked again. What the client's `tool_choice` demands was for the first
    /// round; what it allows and forbids holds for all. False: it has called enough, and may call nothing any more.
    func beginRound(callsLeft: Int) -> Bool {
        round += 1
        guard round < maxRounds, callsLeft > 0 else {
            request.fields["tool_choice"] = Array(#""none""#.utf8)
            return false
        }
        if round == 1 { request.fields["tool_choice"] = Self.relaxed(request.fields["tool_choice"]) }
        return true
    }

    private static func relaxed(_ choice: [UInt8]?) -> [UInt8]? {
        let auto = Array(#""auto""#.utf8)
        guard let choice, let root = (try? JSONDocument.parse(choice))?.root else { return nil }
        if root.stringEquals("none") { return choice }
        guard root["type"]?.stringEquals("allowed_tools") == true else { return auto }
        var json = JSONWriter(capacity: choice.count + 8)
        json.object { json in
            for member in root.members where !member.keyEquals("mode") { json.raw(member.raw) }
            json.member("mode", "auto")
        }
        return json.bytes
    }
}

extension Request {
    /// The names of functions that items of the input bring along.
    fileprivate var namesInInput: Set<String> {
        var names: Set<String> = []
        for item in input where ToolRules.itemsWithTools.contains(item.type) {
            let tools = (try? JSONDocument.parse(item.body))?.root["tools"]?.elements.map { $0 } ?? []
            names.formUnion(tools.compactMap { $0["name"]?.string })
        }
        return names
    }
}

extension OutputItem {
    /// The function call that the item is.
    fileprivate var call: (name: String, callID: String, arguments: String)? {
        switch self {
        case .functionCall(let call): return (call.name, call.callID, call.arguments)
        case .opaque(let item) where item.kind == .functionCall:
            let root = (try? JSONDocument.parse(item.body))?.root
            return (root?["name"]?.string ?? "", item.callID ?? "", root?["arguments"]?.string ?? "")
        default: return nil
        }
    }

    /// The call whose output the item is.
    fileprivate var answeredCall: String? {
        if case .opaque(let item) = self, item.kind == .functionCallOutput { item.callID } else { nil }
    }
}
