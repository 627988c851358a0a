/// Vectors, by `batchEmbedContents`.
extension Gemini {
    func embed(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        let (resource, texts) = (try Self.resource(request), try request.texts())
        notes += try request.leftOut(besides: ["model", "input", "dimensions", "task_type", "title"])
        var json = JSONWriter(capacity: request.document.bytes.count * 2 + 512)
        json.object { $0.member("requests") { $0.array { Self.write(texts, of: resource, request, to: &$0) } } }
        let names = VectorDecoder.Names(
            list: "embeddings", vector: "values", usage: "usageMetadata", tokens: "promptTokenCount")
        let decoder = VectorDecoder(for: request, names)
        return Exchange(url: "\(root)/\(resource):batchEmbedContents", body: json.bytes, decoder: decoder)
    }

    private static func write(_ texts: JSONElements, of model: String, _ all: JSONValue, to json: inout JSONWriter) {
        for text in texts {
            json.object { json in
                json.member("model", model)
                json.object("content") { $0.member("parts") { $0.array { $0.object { $0.member("text", text) } } } }
                if let count = all["dimensions"]?.present { json.member("outputDimensionality", count) }
                if let task = all["task_type"]?.present { json.member("taskType", task) }
                json.copy(["title"], of: all)
            }
        }
    }
}
