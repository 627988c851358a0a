import PatchbayFormats
import PatchbayModel

/// The paths of the server. A path for answers is a line in `init`; any other is a case of `Endpoint` besides.
struct EndpointTable: Sendable {
    static let inputTokens = "/v1/responses/input_tokens"
    static let compaction = "/v1/responses/compact"
    static let messageTokens = "/v1/messages/count_tokens"
    static let embeddings = "/v1/embeddings"

    private let generations: [any GenerationEndpoint]

    init(_ formats: Formats) {
        generations = [
            FormatEndpoint(path: "/v1/responses", format: formats.responses, takesWebSockets: true),
            FormatEndpoint(path: "/v1/chat/completions", format: formats.chat, listsKept: true),
            FormatEndpoint(path: "/v1/messages", format: formats.messages),
        ]
    }

    /// What a path (without its query, percent-encoded) leads to. Throws `.notFound`, and `.invalidRequest` for a
    /// malformed path.
    func endpoint(_ path: Substring) throws(GatewayError) -> Endpoint {
        for generation in generations where path.utf8.elementsEqual(generation.path.utf8) {
            return .generation(generation)
        }
        if path.utf8.elementsEqual(Self.inputTokens.utf8) { return .inputTokens }
        if path.utf8.elementsEqual(Self.compaction.utf8) { return .compaction }
        if path.utf8.elementsEqual(Self.messageTokens.utf8) { return .messageTokens }
        if path.utf8.elementsEqual(Self.embeddings.utf8) { return .embeddings }
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].isEmpty else { throw Self.unknown(path) }
        if parts.count == 2, parts[1].elementsEqual("health".utf8) { return .health }
        if parts.count == 2, parts[1].elementsEqual("plugins".utf8) { return .plugins }
        guard parts[1].elementsEqual("v1".utf8), parts.count > 2 else { throw Self.unknown(path) }
        if parts[2].elementsEqual("models".utf8) {
            if parts.count == 3 { return .models }
            // A model's name may hold slashes, plain or encoded.
            let start = parts[3].startIndex
            return .model(try Self.name(path[start...], in: path))
        }
        if parts[2].elementsEqual("conversations".utf8) {
            var names: [String] = []
            for part in parts[3...] { names.append(try Self.name(Substring(part), in: path)) }
            guard let endpoint = ConversationEndpoint(names) else { throw Self.unknown(path) }
            return .conversations(endpoint)
        }
        if parts[2].elementsEqual("chat".utf8), parts.count == 5 || parts.count == 6,
            parts[3].elementsEqual("completions".utf8)
        {
            let id = try Self.name(Substring(parts[4]), in: path)
            if parts.count == 5 { return .chatCompletion(id) }
            if parts[5].elementsEqual("messages".utf8) { return .chatMessages(of: id) }
            throw Self.unknown(path)
        }
        guard parts[2].elementsEqual("responses".utf8), parts.count == 4 || parts.count == 5 else {
            throw Self.unknown(path)
        }
        let id = try Self.name(Substring(parts[3]), in: path)
        if parts.count == 4 { return .response(id) }
        if parts[4].elementsEqual("input_items".utf8) { return .inputItems(of: id) }
        if parts[4].elementsEqual("cancel".utf8) { return .cancellation(of: id) }
        throw Self.unknown(path)
    }

    private static func name(_ text: Substring, in path: Substring) throws(GatewayError) -> String {
        guard !text.isEmpty else { throw unknown(path) }
        guard let name = PercentEncoding.decode(text) else {
            throw GatewayError.invalid("The path isn't percent-encoded UTF-8.", param: nil, code: "invalid_url")
        }
        return name
    }

    private static func unknown(_ path: Substring) -> GatewayError {
        GatewayError(
            .notFound,
            "There is nothing at '\(String(path.prefix(128)))'. Paths begin with /v1, such as /v1/responses.",
            code: "unknown_url")
    }
}
