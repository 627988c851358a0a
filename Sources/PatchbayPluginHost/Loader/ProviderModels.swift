import CPatchbay
internal import PatchbayLifecycle
internal import PatchbayModel

/// What a provider says of its models: asked once, after its start.
struct ProviderModels: Sendable {
    /// Models that are kept; what a plugin names beyond that is not.
    private static let limit = 4096

    /// What is said of a model.
    struct Said: Sendable {
        var markup = ToolMarkup.none
        var capabilities = ModelCapabilities()
    }

    private var named: [String: Said] = [:]
    /// Of all models that aren't named; nil: nothing was said of those.
    private var others: Said?
    /// Words for a markup that this host doesn't know, with their models.
    private(set) var unknown: [(model: String, word: String)] = []

    private let makesVectors: Bool

    /// What is known of a model. A provider that names one model, and says nothing of others, means that one, whatever
    /// it is called; but what that one is for isn't what others are for, where the plugin makes vectors too.
    subscript(model: String) -> Said {
        if let said = named[model] ?? others { return said }
        guard named.count == 1, var said = named.first?.value else { return Said() }
        if said.capabilities.kinds != nil { said.capabilities.kinds = makesVectors ? nil : .answers }
        return said
    }

    /// Asks the plugin, which has a table for vectors beside that for answers or has not. [any]
    init(_ table: ProviderTable, of plugin: UnsafeMutableRawPointer?, makesVectors: Bool) {
        self.makesVectors = makesVectors
        guard let ask = unsafe table.models else { return }
        unsafe withUnsafeMutablePointer(to: &self) { context in
            _ = unsafe ask(plugin, takeModel, UnsafeMutableRawPointer(context))
        }
    }

    init() { makesVectors = false }

    fileprivate mutating func take(_ info: pbay_model_info) {
        guard named.count < Self.limit, let name = unsafe info.name.string(limit: 512),
            let word = unsafe info.tool_markup.string(limit: 64)
        else { return }
        let known = word.isEmpty ? ToolMarkup.none : ToolMarkup(rawValue: word)
        if known == nil { unknown.append((name, word)) }
        let said = unsafe Said(markup: known ?? ToolMarkup.none, capabilities: ModelCapabilities(info))
        if name.isEmpty { others = said } else { named[name] = said }
    }
}

extension ModelCapabilities {
    /// Bits and numbers that this host doesn't know are as if they hadn't been said.
    fileprivate init(_ info: pbay_model_info) {
        self.init()
        let kinds = unsafe Kinds(rawValue: info.kinds).intersection(.all)
        let inputs = unsafe Inputs(rawValue: info.inputs).intersection(.all)
        self.kinds = kinds.isEmpty ? nil : kinds
        self.inputs = inputs.isEmpty ? nil : inputs
        unsafe contextTokens = Self.count(info.context_tokens)
        unsafe maxOutputTokens = Self.count(info.max_output_tokens)
        unsafe dimensions = Self.count(UInt64(info.dimensions))
        let known = unsafe Features(rawValue: info.features_known).intersection(.all)
        let features = unsafe Features(rawValue: info.features)
        self[known.subtracting(features)] = false
        self[known.intersection(features)] = true
    }

    private static func count(_ number: UInt64) -> Int? {
        number == 0 || number > UInt64(UInt32.max) ? nil : Int(number)
    }
}

private func takeModel(_ context: UnsafeMutableRawPointer?, _ info: UnsafePointer<pbay_model_info>?) {
    guard let context = unsafe context, let info = unsafe info else { return }
    unsafe context.assumingMemoryBound(to: ProviderModels.self).pointee.take(pbay_model_info(plugin: info))
}
