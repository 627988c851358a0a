import PatchbayJSON
import PatchbayModel

/// The header line of a stored turn: the response without its id, parent and output, which the store and the other
/// lines have.
struct TurnHeader {
    /// The version of the stored form.
    static let version = 1

    var response: Response
    var upstreamResponseID: String?
    /// Who made the answer; nil in records from before it was kept.
    var provider: String?
    /// Of a response that has not ended: the server that makes it.
    var holder: String?
    /// How often its making has begun.
    var attempt = 1

    init(
        _ response: Response, upstreamResponseID: String?, provider: String? = nil, holder: String? = nil,
        attempt: Int = 1
    ) {
        self.response = response
        self.upstreamResponseID = upstreamResponseID
        self.provider = provider
        self.holder = holder
        self.attempt = attempt
    }

    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("v")
        json.int(Self.version)
        json.key("status")
        json.string(response.status.rawValue)
        json.key("model")
        json.string(response.model)
        json.key("created")
        json.int(response.createdAt)
        if let completed = response.completedAt {
            json.key("completed")
            json.int(completed)
        }
        if let reason = response.incompleteReason {
            json.key("incomplete")
            json.string(reason)
        }
        if let conversation = response.conversationID {
            json.key("conversation")
            json.string(conversation)
        }
        if response.background {
            json.key("background")
            json.bool(true)
        }
        if let upstreamResponseID {
            json.key("upstream")
            json.string(upstreamResponseID)
        }
        if let provider {
            json.key("provider")
            json.string(provider)
        }
        if let holder {
            json.key("holder")
            json.string(holder)
        }
        if attempt > 1 {
            json.key("attempt")
            json.int(attempt)
        }
        if let usage = response.usage {
            json.key("usage")
            json.beginArray()
            for count in [
                usage.inputTokens, usage.cachedTokens, usage.cacheWriteTokens, usage.outputTokens,
                usage.reasoningTokens,
            ] { json.int(count) }
            json.endArray()
            if usage.isEstimated {
                json.key("estimated")
                json.bool(true)
            }
        }
        if let error = response.error {
            json.key("error")
            json.beginObject()
            json.key("kind")
            json.string(error.kind.rawValue)
            if let code = error.code {
                json.key("code")
                json.string(code)
            }
            json.key("message")
            json.string(error.message)
            if let param = error.param {
                json.key("param")
                json.string(param)
            }
            json.endObject()
        }
        json.key("fields")
        json.beginObject()
        for field in response.fields.all {
            json.key(field.name)
            json.raw(field.json)
        }
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// Throws `.storage` for what isn't a header of a known version.
    init(_ bytes: ArraySlice<UInt8>) throws(GatewayError) {
        guard let root = (try? JSONParser().parse(bytes, limits: .history))?.root, let version = root["v"]?.int else {
            throw TurnLines.damaged("a header that is no JSON")
        }
        guard version <= Self.version else { throw TurnLines.damaged("version \(version) is newer than this server") }
        guard let status = root["status"]?.string.flatMap(Response.Status.init(rawValue:)),
            let model = root["model"]?.string, let created = root["created"]?.int, let fields = root["fields"]
        else { throw TurnLines.damaged("a header with something missing") }
        response = Response(
            id: "", createdAt: created, completedAt: root["completed"]?.int, status: status, model: model,
            previousResponseID: nil, conversationID: root["conversation"]?.string, store: true,
            background: root["background"]?.bool ?? false,
            fields: RequestFields(fields.members.map { RequestFields.Field(name: $0.key, json: Array($0.value.raw)) }),
            output: [], usage: root["usage"].flatMap(Self.usage), error: root["error"].flatMap(Self.error),
            incompleteReason: root["incomplete"]?.string)
        if root["estimated"]?.bool == true { response.usage?.isEstimated = true }
        upstreamResponseID = root["upstream"]?.string
        provider = root["provider"]?.string
        holder = root["holder"]?.string
        attempt = max(1, root["attempt"]?.int ?? 1)
    }

    /// Who made the answer that a header stands above, whatever else it says.
    static func provider(in header: ArraySlice<UInt8>) -> String? {
        (try? JSONParser().parse(header, limits: .history))?.root["provider"]?.string
    }

    func response(id: String, parent: String?, output: [Item]) -> Response {
        var response = response
        response.id = id
        // In a conversation, what comes before is no response that the client named.
        response.previousResponseID = response.conversationID == nil ? parent : nil
        response.output = output
        return response
    }

    private static func usage(_ value: JSONValue) -> Usage? {
        let counts = value.elements.compactMap(\.int)
        guard counts.count == 5 else { return nil }
        return Usage(
            inputTokens: counts[0], cachedTokens: counts[1], cacheWriteTokens: counts[2], outputTokens: counts[3],
            reasoningTokens: counts[4])
    }

    private static func error(_ value: JSONValue) -> GatewayError? {
        guard let kind = value["kind"]?.string.flatMap(GatewayError.Kind.init(rawValue:)) else { return nil }
        return GatewayError(
            kind, value["message"]?.string ?? "", code: value["code"]?.string, param: value["param"]?.string)
    }
}
