import CPatchbay
internal import PatchbayLifecycle

/// What a provider says of its models: asked once, after its start.
struct ProviderModels: Sendable {
    /// Models that are kept; what a plugin names beyond that is not.
    private static let limit = 4096

    private(set) var markup: [String: ToolMarkup] = [:]
    /// Words for a markup that this host doesn't know, with their models.
    private(set) var unknown: [(model: String, word: String)] = []

    /// How a model writes its tool calls into its text. A provider of one model means that one, whatever it is called.
    func toolMarkup(of model: String) -> ToolMarkup {
        markup[model] ?? (markup.count == 1 ? markup.first?.value : nil) ?? .none
    }

    /// Asks the plugin. [any]
    init(_ table: ProviderTable, of plugin: UnsafeMutableRawPointer?) {
        guard let ask = unsafe table.models else { return }
        unsafe withUnsafeMutablePointer(to: &self) { context in
            _ = unsafe ask(plugin, takeModel, UnsafeMutableRawPointer(context))
        }
    }

    init() {}

    fileprivate mutating func take(_ info: pbay_model_info) {
        guard markup.count < Self.limit, let name = unsafe info.name.string(limit: 512),
            let word = unsafe info.tool_markup.string(limit: 64)
        else { return }
        let known = word.isEmpty ? ToolMarkup.none : ToolMarkup(rawValue: word)
        if known == nil { unknown.append((name, word)) }
        markup[name] = known ?? ToolMarkup.none
    }
}

private func takeModel(_ context: UnsafeMutableRawPointer?, _ info: UnsafePointer<pbay_model_info>?) {
    guard let context = unsafe context, let info = unsafe info else { return }
    unsafe context.assumingMemoryBound(to: ProviderModels.self).pointee.take(pbay_model_info(plugin: info))
}
