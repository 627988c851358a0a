/// What the configuration says that a model can. What is nil it doesn't say.
package struct ModelAbilities: Sendable, Equatable {
    package var kinds: [ModelKind]?
    package var inputs: [ModelInput]?
    package var contextTokens: Int?
    package var maxOutputTokens: Int?
    /// Numbers of an embedding.
    package var dimensions: Int?
    package var features = ModelFeatures()

    package init() {}
}

/// What a model takes in: an entry of `inputs:`.
package enum ModelInput: String, Sendable, CaseIterable {
    case text, image, file, audio
}

/// What else it can: `features:`.
package struct ModelFeatures: Sendable, Equatable {
    package var tools: Bool?
    package var reasoning: Bool?
    package var structuredOutput: Bool?
    package var dimensions: Bool?

    package init() {}
}
