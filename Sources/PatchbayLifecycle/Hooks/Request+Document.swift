import PatchbayJSON
import PatchbayModel

/// Requests as hooks see them and give them.
extension Request {
    /// What is the client's alone to say: a hook's body never changes it.
    private static let kept: Set<String> = [
        "stream", "background", "previous_response_id", "conversation", "generate",
    ]

    /// The request as the body of a Responses request, its items with ids.
    var document: [UInt8] {
        var json = JSONWriter(capacity: 512 + input.reduce(0) { $0 + $1.body.count + 64 })
        json.object { json in
            json.member("model", model)
            json.member("input") { json in json.array { json in for item in input { item.write(to: &json) } } }
            writeKept(to: &json)
            json.member("store", store)
            for field in fields.all where generate || field.name != "generate" {
                json.key(field.name)
                json.raw(field.json)
            }
        }
        return json.bytes
    }

    private func writeKept(to json: inout JSONWriter) {
        if let previousResponseID { json.member("previous_response_id", previousResponseID) }
        if let conversationID { json.member("conversation", conversationID) }
        json.member("stream", stream)
        json.member("background", background)
        if !generate { json.member("generate", false) }
    }

    /// The request that a hook has put in the place of this one. Throws what is wrong with it, without its contents.
    func replaced(by body: [UInt8], read: (@Sendable ([UInt8]) throws(GatewayError) -> Request)?) throws(HookFault)
        -> Request
    {
        guard let read else { throw HookFault("this server reads no replacements") }
        guard let root = (try? JSONDocument.parse(body))?.root, root.kind == .object else {
            throw HookFault("its replacement is no JSON object")
        }
        var json = JSONWriter(capacity: body.count + 256)
        json.object { json in
            writeKept(to: &json)
            for member in root.members where !Self.kept.contains(member.key) {
                json.key(member.key)
                json.raw(member.value.raw)
            }
        }
        var request: Request
        do throws(GatewayError) {
            request = try read(json.bytes)
        } catch {
            throw HookFault("its replacement is no request: \(error.place)")
        }
        request.generate = generate
        request.isCompletion = isCompletion
        if !generate { request.fields["generate"] = nil }
        return request
    }
}

extension GatewayError {
    /// What is wrong and where, for the log: a message may quote what a user said.
    var place: String {
        "\(code ?? kind.rawValue)\(param.map { " at \($0.prefix(128))" } ?? "")"
    }
}
