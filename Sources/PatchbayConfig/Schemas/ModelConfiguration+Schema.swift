extension ModelConfiguration {
    static let schema = Schema(
        make: { ModelConfiguration() },
        fields: [
            Field("name", \.name, .modelName, isRequired: true),
            Field("provider", \.provider, .name, isRequired: true),
            Field("upstream_model", \.upstreamModel, .upstreamModel),
            Field("aliases", \.locatedAliases, .list(of: Kind<String>.alias.located)),
            Field("defaults", \.defaults, .json),
            Field("kinds", \.abilities.kinds, .words(ModelKind.self, whenEmpty: unsaid)),
            Field("inputs", \.abilities.inputs, .words(ModelInput.self, whenEmpty: unsaid)),
            Field("context_tokens", \.abilities.contextTokens, .tokens),
            Field("max_output_tokens", \.abilities.maxOutputTokens, .tokens),
            Field("dimensions", \.abilities.dimensions, Kind<Int>.integer(in: 1...1_000_000).map { $0 }),
            Field("features", \.abilities.features, ModelFeatures.schema.kind),
            Field("tool_markup", \.toolMarkup, .toolMarkup),
            Field("fallbacks", \.locatedFallbacks, .list(of: Kind<String>.alias.located)),
            Field("tools", \.locatedTools, .list(of: Kind<String>.toolName.located)),
        ],
        finish: { model, node, path, sink in
            model.marks = MarkTree(node)
            model.path = path
            model.aliases = model.locatedAliases.map(\.value)
            model.fallbacks = model.locatedFallbacks.map(\.value)
            model.tools = model.locatedTools?.map(\.value)
            model.settleUpstream(path, &sink)
        })

    private static let unsaid = "must not be empty; leave it out for what the provider says"

    /// What `name` and `upstream_model` mean together.
    private mutating func settleUpstream(_ path: String, _ sink: inout DiagnosticSink) {
        pattern = ModelPattern(name)
        switch upstreamModel {
        case "*":
            upstream = .star
            if pattern == nil && !name.isEmpty {
                sink.error(
                    marks.mark(at: "upstream_model"),
                    "\(path).upstream_model is '*' (what the star matched), but \(path).name holds no '*'")
            }
        case .some(let fixed): upstream = .fixed(fixed)
        case nil: upstream = pattern == nil ? .fixed(name) : .requested
        }
        if pattern != nil && !aliases.isEmpty {
            sink.error(
                marks.keyMark(at: "aliases"), "\(path).aliases are for exact names, and \(path).name is a pattern")
        }
    }
}

extension Kind where Value == String {
    static var modelName: Kind {
        name.checked { name, isShown in
            let stars = name.count { $0 == "*" }
            let found = isShown ? Quoting.quote(name) : "a value from the environment"
            return stars > 1 ? "may hold one '*', found \(stars) in \(found)" : nil
        }
    }

    static var upstreamModel: Kind {
        name.checked { name, _ in
            name != "*" && name.contains("*") ? "must be '*' alone (what the star matched) or hold no '*'" : nil
        }
    }

    static var alias: Kind {
        name.checked { name, _ in name.contains("*") ? "must be an exact name, without '*'" : nil }
    }
}

extension Kind where Value == ToolMarkupChoice {
    static var toolMarkup: Kind {
        .choice(ToolMarkupChoice.allCases.map { ($0.rawValue, $0) })
    }
}

extension ModelFeatures {
    static let schema = Schema(
        make: { ModelFeatures() },
        fields: [
            Field("tools", \.tools, Kind<Bool>.bool.map { $0 }),
            Field("reasoning", \.reasoning, Kind<Bool>.bool.map { $0 }),
            Field("structured_output", \.structuredOutput, Kind<Bool>.bool.map { $0 }),
            Field("dimensions", \.dimensions, Kind<Bool>.bool.map { $0 }),
        ])
}

extension Kind where Value == Int? {
    fileprivate static var tokens: Kind { Kind<Int>.integer(in: 1...1_000_000_000).map { $0 } }
}

extension Kind {
    /// A list of some of an enumeration's words.
    fileprivate static func words<Word>(_: Word.Type, whenEmpty: String) -> Kind
    where Word: CaseIterable & RawRepresentable & Sendable, Word.RawValue == String, Value == [Word]? {
        let word = Kind<Word>.choice(Word.allCases.map { ($0.rawValue, $0) })
        return Kind<[Word]>.list(of: word, whenEmpty: whenEmpty).map { $0 }
    }
}
