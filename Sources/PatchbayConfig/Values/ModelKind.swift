/// What a model can be asked for: an entry of `kinds:`.
package enum ModelKind: Sendable, Equatable {
    /// Responses, Chat Completions and Messages.
    case chat
}
