import PatchbayModel

/// Finds the route of a model's name: exact names and aliases first, then patterns, the longest first.
package struct Router: Sendable {
    /// One entry under `models:`.
    package struct Entry: Sendable {
        /// An exact name, or a pattern with one `*`.
        package var name: String
        package var aliases: [String]
        package var provider: any Provider
        /// Nil: the name that was asked for. `*`: what the pattern's star matched.
        package var upstreamModel: String?
        package var defaults: RequestFields
        /// Names of other models, in the order in which they are asked where this one's provider fails.
        package var fallbacks: [String]
        /// How the model writes its tool calls into its text; nil: as the provider says.
        package var markup: ToolMarkup?
        /// The server's tools that the model is offered; nil: all.
        package var tools: [String]?
        /// What the configuration says that the model can, which goes before what the provider says.
        package var capabilities: ModelCapabilities

        package init(
            name: String, aliases: [String] = [], provider: any Provider, upstreamModel: String? = nil,
            defaults: RequestFields = RequestFields(), fallbacks: [String] = [], markup: ToolMarkup? = nil,
            tools: [String]? = nil, capabilities: ModelCapabilities = ModelCapabilities()
        ) {
            self.tools = tools
            self.capabilities = capabilities
            self.markup = markup
            self.name = name
            self.aliases = aliases
            self.provider = provider
            self.upstreamModel = upstreamModel
            self.defaults = defaults
            self.fallbacks = fallbacks
        }
    }

    private let exact: [String: Entry]
    private let patterns: [(pattern: NamePattern, entry: Entry)]
    /// The exact names, in the order of the configuration.
    package let names: [String]

    package init(_ entries: [Entry]) {
        var exact: [String: Entry] = [:]
        var patterns: [(pattern: NamePattern, entry: Entry)] = []
        var names: [String] = []
        for entry in entries {
            for name in [entry.name] + entry.aliases {
                if let pattern = NamePattern(name) {
                    patterns.append((pattern, entry))
                } else if exact[name] == nil {
                    exact[name] = entry
                    names.append(name)
                }
            }
        }
        self.exact = exact
        self.patterns = patterns.sorted { $0.pattern.length > $1.pattern.length }
        self.names = names
    }

    /// Throws `.notFound` with code `model_not_found`, and `.invalidRequest` with `wrong_model_kind` for a model that
    /// is known to be for something else. Fallbacks of which that is known are left out.
    package func route(_ model: String, for kind: ModelCapabilities.Kinds = .answers) throws(GatewayError) -> Route {
        guard let found = find(model) else { throw Self.notFound(model) }
        var route = found.route
        guard route.capabilities.serves(kind) else { throw Self.wrongKind(model, kind) }
        route.fallbacks = found.fallbacks.compactMap { name in
            find(name).flatMap { $0.route.capabilities.serves(kind) ? $0.route : nil }
        }
        return route
    }

    /// Who serves a name first, and what whoever may answer a request for it can; nil: nobody serves it. A fallback for
    /// nothing that the model is for never does.
    func listing(_ model: String) -> (provider: String, capabilities: ModelCapabilities)? {
        guard let found = find(model) else { return nil }
        let own = found.route.capabilities
        var capabilities = found.fallbacks.compactMap { find($0)?.route.capabilities }
            .filter { other in own.kinds.map { $0.isEmpty || !$0.isDisjoint(with: other.kinds ?? $0) } ?? true }
            .reduce(own) { $0.common(with: $1) }
        // What a fallback isn't for it is passed over for.
        if capabilities.kinds != nil { capabilities.kinds = own.kinds }
        return (found.route.provider.name, capabilities)
    }

    private static func notFound(_ model: String) -> GatewayError {
        GatewayError(
            .notFound, "The model '\(model.prefix(128))' is not served here. GET /v1/models lists those that are.",
            code: "model_not_found", param: "model")
    }

    private static func wrongKind(_ model: String, _ kind: ModelCapabilities.Kinds) -> GatewayError {
        let (its, other) = kind == .answers ? ("embeddings", "answers") : ("answers", "embeddings")
        return .invalid(
            "The model '\(model.prefix(128))' is for \(its), not for \(other). GET /v1/models tells what models are for.",
            param: "model", code: "wrong_model_kind")
    }

    /// A model's own route, and the names of its fallbacks.
    private func find(_ model: String) -> (route: Route, fallbacks: [String])? {
        if let entry = exact[model] { return (entry.route(asked: model, star: nil), entry.fallbacks) }
        for (pattern, entry) in patterns {
            if let star = pattern.match(model) { return (entry.route(asked: model, star: star), entry.fallbacks) }
        }
        return nil
    }
}

extension Router.Entry {
    fileprivate func route(asked: String, star: String?) -> Route {
        let upstream =
            switch upstreamModel {
            case nil: asked
            case "*": star ?? asked
            case let name?: name
            }
        var route = Route(
            provider: provider, upstreamModel: upstream, defaults: defaults,
            markup: markup ?? provider.toolMarkup(of: upstream))
        route.tools = tools
        route.capabilities = capabilities.or(provider.capabilities(of: upstream))
        return route
    }
}
