import PatchbayJSON
import PatchbayModel

/// Writes an answer, piece by piece: the longest has millions of numbers, and who writes it may have others to serve
/// meanwhile.
package struct EmbeddingsBody: Sendable {
    private let embeddings: Embeddings
    private let model: String
    private let isBase64: Bool
    private var json: JSONWriter
    /// The next vector: its batch, and its place in there.
    private var batch = 0
    private var place = 0
    private var index = 0

    init(_ embeddings: Embeddings, model: String, _ options: EmbeddingsFormat.Options) {
        self.embeddings = embeddings
        self.model = model
        isBase64 = options.isBase64
        let count = embeddings.batches.reduce(0) { $0 + $1.count }
        let numbers = embeddings.batches.reduce(0) { $0 + $1.numbers.count }
        json = JSONWriter(capacity: 256 + model.utf8.count + count * 64 + numbers * (isBase64 ? 6 : 13))
        json.beginObject()
        json.member("object", literal: "list")
        json.key("data")
        json.beginArray()
    }

    /// Writes vectors until about so many numbers are written. False: there are more. Not to be called after that.
    package mutating func write(numbers most: Int) -> Bool {
        var written = 0
        while batch < embeddings.batches.count {
            let vectors = embeddings.batches[batch]
            while place < vectors.count {
                guard written < most else { return false }
                write(vectors[place])
                written += vectors.dimensions
                place += 1
            }
            (batch, place) = (batch + 1, 0)
        }
        json.endArray()
        json.member("model", model)
        json.member("usage") { json in
            json.object { json in
                json.member("prompt_tokens", embeddings.usage.inputTokens)
                json.member("total_tokens", embeddings.usage.inputTokens)
                if embeddings.usage.isEstimated { json.member("estimated", true) }
            }
        }
        json.endObject()
        return true
    }

    /// The answer, once all of it is written: one JSON object. Gives it away.
    package mutating func take() -> [UInt8] {
        defer { json = JSONWriter() }
        return json.bytes
    }

    private mutating func write(_ vector: ArraySlice<Float>) {
        json.beginObject()
        json.member("object", literal: "embedding")
        json.member("index", index)
        json.key("embedding")
        if isBase64 { json.string(base64: vector.span) } else { json.numbers(vector.span) }
        json.endObject()
        index += 1
    }
}
