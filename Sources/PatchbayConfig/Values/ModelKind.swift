/// What a model can be asked for: an entry of `kinds:`.
package enum ModelKind: String, Sendable, CaseIterable {
    /// Responses, Chat Completions and Messages.
    case chat
    case embeddings
}
