/// An entry of `models:`: what clients ask for, and who answers.
package struct ModelConfiguration: Sendable {
    /// What the provider is asked for.
    package enum Upstream: Sendable, Equatable {
        /// This model.
        case fixed(String)
        /// What the client asked for. Only with a pattern.
        case requested
        /// What the star of the pattern matched.
        case star
    }

    /// As it is in the file; unique among names and aliases.
    package var name = ""
    /// The name's pattern when it holds a `*`, else nil.
    package var pattern: ModelPattern?
    /// A name under `plugins`.
    package var provider = ""
    package var upstream = Upstream.requested
    /// Other exact names for this model; only where the name is exact itself.
    package var aliases: [String] = []
    /// Names that are asked, in this order, where this model's provider fails; each is one that a client may ask for.
    package var fallbacks: [String] = []
    /// A JSON object: members of a request that lacks them.
    package var defaults: [UInt8] = Array("{}".utf8)
    /// What the model can; what is absent is as the provider says.
    package var abilities = ModelAbilities()
    /// How the model writes its tool calls into its text.
    package var toolMarkup = ToolMarkupChoice.auto
    /// The server's tools that the model is offered; nil: all.
    package var tools: [String]?
    /// The places of the entry's keys and values.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    /// `models[0]`, as diagnostics name it.
    package internal(set) var path = ""

    /// `aliases` with their places, for the check of names.
    var locatedAliases: [Located<String>] = []
    /// `fallbacks` with their places, for the check of references.
    var locatedFallbacks: [Located<String>] = []
    /// `tools` with their places.
    var locatedTools: [Located<String>]?
    /// `upstream_model` as it is in the file.
    var upstreamModel: String?

    package init() {}
}
