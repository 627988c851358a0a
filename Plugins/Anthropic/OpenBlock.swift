/// The content block that a message is in.
struct OpenBlock {
    private enum Kind { case text, thinking, redacted, call, own }

    private let kind: Kind
    private let start: JSONValue
    /// The number of the call that it is.
    private let call: UInt32
    private var hasSaid = false
    private var signature: ArraySlice<UInt8> = []
    /// How many characters a text has.
    private var length = 0
    /// The input of a block of Anthropic's own, in pieces.
    private var input: [UInt8] = []
    /// What else came: of a text what it cites, of a block of Anthropic's own any member.
    private var changes: [JSONValue] = []
    private var kept = 0

    private static let maxBytes = 16 << 20

    /// Begins a block with what it has already.
    init(_ content: JSONValue, call: UInt32, _ output: Output) throws(Failure) {
        (start, self.call) = (content, call)
        switch content["type"]?.string {
        case "text": kind = .text
        case "thinking": kind = .thinking
        case "redacted_thinking": kind = .redacted
        case "tool_use":
            kind = .call
            guard let name = content["name"]?.string, !name.isEmpty else {
                throw .nonsense("The upstream calls a tool without a name.")
            }
            output.beginToolCall(call, id: content["id"]?.string ?? "", name: name)
        case .some: kind = .own
        case nil: throw .nonsense("The upstream's block has no type.")
        }
        if kind == .text || kind == .thinking { try take(content, output) }
    }

    /// More of it. A block has the same members as its deltas.
    mutating func take(_ delta: JSONValue, _ output: Output) throws(Failure) {
        switch kind {
        case .text:
            if let text = delta["text"]?.text {
                output.text(text)
                length += text.count { $0 & 0xC0 != 0x80 }
                hasSaid = true
            }
            if delta.has("citation") || delta.has("citations") { try keep(delta) }
        case .thinking:
            if let text = delta["thinking"]?.text {
                output.reasoning(text)
                hasSaid = true
            }
            if let text = delta["signature"]?.text { signature = text }
        case .redacted: break
        case .call:
            guard let text = delta["partial_json"]?.text else { return }
            output.arguments(text, call: call)
            hasSaid = true
        case .own:
            if let text = delta["partial_json"]?.text { input += text }
            try keep(delta)
        }
    }

    private mutating func keep(_ delta: JSONValue) throws(Failure) {
        kept += delta.raw.count
        guard kept <= Self.maxBytes else { throw .nonsense("The upstream's block is too large.") }
        if !delta.has("partial_json") { changes.append(delta) }
    }

    func end(_ output: Output) throws(Failure) {
        switch kind {
        case .text:
            guard hasSaid else { return }
            for change in changes {
                if let citation = change["citation"] { output.annotation(annotation(citation)) }
                for citation in (change["citations"] ?? change).elements { output.annotation(annotation(citation)) }
            }
            output.endPart()
        case .thinking:
            if !hasSaid && signature.isEmpty { return }
            if !signature.isEmpty { output.opaqueReasoning(EncryptedReasoning.signatureMark + signature) }
            output.endItem()
        case .redacted:
            guard let data = start["data"]?.text else { return }
            output.opaqueReasoning(data)
            output.endItem()
        case .call:
            if !hasSaid {
                let input = start["input"]
                output.arguments(input?.kind == .object ? input?.raw ?? [] : Array("{}".utf8)[...], call: call)
            }
            output.endToolCall(call)
        case .own: output.item(try item())
        }
    }

    /// What a text cites, as an annotation of all of it.
    private func annotation(_ citation: JSONValue) -> ArraySlice<UInt8> {
        let isWeb = citation["type"]?.stringEquals("web_search_result_location") == true
        var json = JSONWriter()
        json.object { json in
            json.member("type", isWeb ? "url_citation" : MessagesRequest.prefix + (citation["type"]?.string ?? ""))
            citation.writeMembers(to: &json, except: ["type", "start_index", "end_index"])
            json.member("start_index", 0)
            json.member("end_index", length)
        }
        return json.bytes[...]
    }

    /// A block of Anthropic's own as an item. Its id is kept as that of a call: an item's own id is the host's.
    private func item() throws(Failure) -> ArraySlice<UInt8> {
        var replaced: [String: JSONValue] = [:]
        for change in changes {
            for member in change.members where !member.keyEquals("type") { replaced[member.key] = member.value }
        }
        if !input.isEmpty {
            guard let root = (try? JSONDocument.parse(input, limits: .chunk))?.root, root.kind == .object else {
                throw .nonsense("The upstream's input of a tool is not JSON.")
            }
            replaced["input"] = root
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("type", MessagesRequest.prefix + (start["type"]?.string ?? ""))
        for member in start.members where !member.keyEquals("type") && replaced[member.key] == nil {
            json.key(member.keyEquals("id") ? "call_id" : member.key)
            json.value(member.value)
        }
        for (key, value) in replaced.sorted(by: { $0.key < $1.key }) {
            json.key(key)
            json.value(value)
        }
        json.endObject()
        return json.bytes[...]
    }
}
