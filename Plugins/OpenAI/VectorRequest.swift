/// Vectors, by the API for embeddings that all dialects but one have.
extension OpenAI {
    func embed(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        var (json, leftOut) = (JSONWriter(capacity: request.document.bytes.count + 64), LeftOut())
        let known = dialect.vectorFields
        json.beginObject()
        for member in request.members where !member.value.isNull {
            switch member.key {
            case "input":
                if dialect.name == .ollama, member.value[0]?.kind == .array {
                    throw .unsupported("input", "This model's provider takes texts alone, no arrays of tokens.")
                }
                json.member("input", member.value)
            case _ where known.contains(member.key): json.raw(member.raw)
            default: try leftOut.field(member.key, member.value)
            }
        }
        // A third of the bytes. A server of which nothing is known may refuse it.
        if dialect.name != .compatible { json.member("encoding_format", literal: "base64") }
        json.endObject()
        notes += leftOut.notes
        return Exchange(url: deployment(vectors, request), body: json.bytes, decoder: VectorDecoder(for: request))
    }
}
