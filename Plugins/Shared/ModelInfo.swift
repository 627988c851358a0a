import CPatchbay

/// What is told of a model, in the header's own bits.
struct ModelInfo: Sendable {
    /// The upstream's name; empty: each model that isn't named.
    var name = ""
    private(set) var contextTokens: UInt64 = 0
    private(set) var maxOutputTokens: UInt64 = 0
    private(set) var kinds = UInt32(PBAY_MODEL_ANSWERS)
    private(set) var inputs: UInt32 = 0
    private(set) var features: UInt32 = 0
    private(set) var known: UInt32 = 0
    private(set) var dimensions: UInt32 = 0

    /// Where the upstream's API hides a model's reasoning it isn't told whether it reasons.
    var silent: ModelInfo {
        var info = self
        let reasoning = UInt32(PBAY_FEATURE_REASONING) & features
        (info.features, info.known) = (features & ~reasoning, known & ~reasoning)
        return info
    }

    /// Reads a table: on each line the names of models (`*`: all that aren't named), a colon, and in words what each of
    /// them can: the tokens of its context and of an answer, what it takes in, what else it can (+) and can't (-). With
    /// `=N` it makes vectors of N numbers, without it answers.
    static func table(_ text: String) -> [ModelInfo] {
        text.split(separator: "\n").flatMap { line in
            let halves = line.split(separator: ":", maxSplits: 1)
            var info = ModelInfo()
            for word in halves.dropFirst().first?.split(separator: " ") ?? [] { info.take(word) }
            return halves[0].split(separator: " ").map { name in
                info.name = name == "*" ? "" : String(name)
                return info
            }
        }
    }

    private mutating func take(_ word: Substring) {
        if let number = UInt64(word) {
            if contextTokens == 0 { contextTokens = number } else { maxOutputTokens = number }
        } else if let input = Self.inputs[word] {
            inputs |= UInt32(input)
        } else if let feature = Self.features[word.dropFirst()] {
            known |= UInt32(feature)
            if word.first == "+" { features |= UInt32(feature) }
        } else if word.first == "=", let number = UInt32(word.dropFirst()) {
            (dimensions, kinds) = (number, UInt32(PBAY_MODEL_EMBEDDINGS))
        }
    }

    private static let inputs: [Substring: Int] = [
        "text": PBAY_INPUT_TEXT, "image": PBAY_INPUT_IMAGE, "file": PBAY_INPUT_FILE, "audio": PBAY_INPUT_AUDIO,
    ]
    private static let features: [Substring: Int] = [
        "tools": PBAY_FEATURE_TOOLS, "reasoning": PBAY_FEATURE_REASONING, "schemas": PBAY_FEATURE_STRUCTURED_OUTPUT,
        "dimensions": PBAY_FEATURE_DIMENSIONS,
    ]
}
