/// Vectors, by the API for embeddings that all dialects but one have.
extension OpenAI {
    func embed(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        let known = dialect.vectorFields
        notes += try request.leftOut(besides: known)
        if dialect.name == .ollama { _ = try request.texts() }
        var json = JSONWriter(capacity: request.document.bytes.count + 64)
        json.object { json in
            for member in request.members where known.contains(member.key) && !member.value.isNull {
                json.raw(member.raw)
            }
            // A third of the bytes. A server of which nothing is known may refuse it.
            if dialect.name != .compatible { json.member("encoding_format", literal: "base64") }
        }
        return Exchange(url: deployment(vectors, request), body: json.bytes, decoder: VectorDecoder(for: request))
    }
}
