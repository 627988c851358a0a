import PatchbayJSON

extension OutputItem {
    /// Reads an item that `item` made: what isn't in that form stays opaque.
    package init(reading item: Item) {
        guard let id = item.id, let root = (try? JSONDocument.parse(item.body))?.root else {
            self = .opaque(item)
            return
        }
        switch item.kind {
        case .message(role: "assistant"):
            self = Message(id: id, root).map(OutputItem.message) ?? .opaque(item)
        case .functionCall:
            self = FunctionCall(id: id, root).map(OutputItem.functionCall) ?? .opaque(item)
        case .reasoning:
            self = Reasoning(id: id, root).map(OutputItem.reasoning) ?? .opaque(item)
        default:
            self = .opaque(item)
        }
    }

    fileprivate static func status(_ root: JSONValue) -> Status? {
        root["status"]?.string.flatMap(Status.init(rawValue:))
    }
}

extension OutputItem.Message {
    fileprivate init?(id: String, _ root: JSONValue) {
        guard let status = OutputItem.status(root), let content = root["content"], content.kind == .array else {
            return nil
        }
        var parts: [ContentPart] = []
        for part in content.elements {
            if part["type"]?.stringEquals("output_text") == true, let text = part["text"]?.string {
                parts.append(
                    .text(text, annotations: Self.values(part["annotations"]), logprobs: Self.values(part["logprobs"])))
            } else if part["type"]?.stringEquals("refusal") == true, let text = part["refusal"]?.string {
                parts.append(.refusal(text))
            } else {
                return nil
            }
        }
        self.init(id: id, status: status, parts: parts)
    }

    private static func values(_ list: JSONValue?) -> [[UInt8]] {
        list?.elements.map { Array($0.raw) } ?? []
    }
}

extension OutputItem.FunctionCall {
    fileprivate init?(id: String, _ root: JSONValue) {
        guard let status = OutputItem.status(root), let callID = root["call_id"]?.string,
            let name = root["name"]?.string, let arguments = root["arguments"]?.string
        else { return nil }
        self.init(id: id, callID: callID, name: name, arguments: arguments, status: status)
    }
}

extension OutputItem.Reasoning {
    fileprivate init?(id: String, _ root: JSONValue) {
        guard let status = OutputItem.status(root) else { return nil }
        self.init(
            id: id, summary: Self.texts(root["summary"]), content: Self.texts(root["content"]),
            encryptedContent: root["encrypted_content"]?.string, status: status)
    }

    private static func texts(_ list: JSONValue?) -> [String] {
        list?.elements.compactMap { $0["text"]?.string } ?? []
    }
}
