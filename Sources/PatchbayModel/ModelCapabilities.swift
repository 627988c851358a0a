/// What a model can, as far as anybody has said so. What isn't known is nil, or not among the known features.
package struct ModelCapabilities: Sendable, Hashable {
    /// What it can be asked for.
    package struct Kinds: OptionSet, Sendable, Hashable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Answers: Responses, Chat Completions and Messages.
        package static let answers = Self(rawValue: 1)
        package static let embeddings = Self(rawValue: 2)
        package static let all: Self = [.answers, .embeddings]
    }

    /// What it takes in.
    package struct Inputs: OptionSet, Sendable, Hashable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let text = Self(rawValue: 1)
        package static let image = Self(rawValue: 2)
        package static let file = Self(rawValue: 4)
        package static let audio = Self(rawValue: 8)
        package static let all: Self = [.text, .image, .file, .audio]
    }

    /// What it can besides.
    package struct Features: OptionSet, Sendable, Hashable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Function calls.
        package static let tools = Self(rawValue: 1)
        /// It reasons before it answers, and says so.
        package static let reasoning = Self(rawValue: 2)
        /// It keeps to a JSON schema.
        package static let structuredOutput = Self(rawValue: 4)
        /// Its embeddings may have as many numbers as a request asks for.
        package static let dimensions = Self(rawValue: 8)
        package static let all: Self = [.tools, .reasoning, .structuredOutput, .dimensions]
    }

    package var kinds: Kinds?
    package var inputs: Inputs?
    /// The most tokens of input and answer together.
    package var contextTokens: Int?
    package var maxOutputTokens: Int?
    /// Those that it has, of the known.
    package private(set) var features: Features = []
    package private(set) var knownFeatures: Features = []
    /// The numbers of an embedding where none are asked for.
    package var dimensions: Int?

    package init() {}

    /// Nil: not known.
    package subscript(feature: Features) -> Bool? {
        get { knownFeatures.isSuperset(of: feature) ? features.isSuperset(of: feature) : nil }
        set {
            features.subtract(feature)
            knownFeatures.subtract(feature)
            guard let newValue else { return }
            knownFeatures.formUnion(feature)
            if newValue { features.formUnion(feature) }
        }
    }

    /// Whether it can be asked for that; true where it isn't known.
    package func serves(_ kind: Kinds) -> Bool { kinds?.contains(kind) ?? true }

    /// These, and where they say nothing what `others` say.
    package func or(_ others: Self) -> Self {
        var all = others
        all.kinds = kinds ?? others.kinds
        all.inputs = inputs ?? others.inputs
        all.contextTokens = contextTokens ?? others.contextTokens
        all.maxOutputTokens = maxOutputTokens ?? others.maxOutputTokens
        all.dimensions = dimensions ?? others.dimensions
        all.knownFeatures.formUnion(knownFeatures)
        all.features.subtract(knownFeatures)
        all.features.formUnion(features)
        return all
    }

    /// What a request can count on that either model may answer: what both can, and what isn't known of one isn't known
    /// of both. A feature that one lacks is lacking, whatever the other has.
    package func common(with other: Self) -> Self {
        func both<Value>(_ one: Value?, _ two: Value?, _ join: (Value, Value) -> Value?) -> Value? {
            guard let one, let two else { return nil }
            return join(one, two)
        }
        var all = Self()
        all.kinds = both(kinds, other.kinds) { $0.intersection($1) }
        all.inputs = both(inputs, other.inputs) { $0.intersection($1) }
        all.contextTokens = both(contextTokens, other.contextTokens, min)
        all.maxOutputTokens = both(maxOutputTokens, other.maxOutputTokens, min)
        all.dimensions = both(dimensions, other.dimensions) { $0 == $1 ? $0 : nil }
        all.features = features.intersection(other.features)
        let lacking = knownFeatures.subtracting(features).union(other.knownFeatures.subtracting(other.features))
        all.knownFeatures = all.features.union(lacking)
        return all
    }
}
