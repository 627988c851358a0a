import PatchbayConfig

/// What a plugin is configured with from outside its entry: by `storage:` and by its entry under `hooks:`.
extension Configuration {
    /// The key by which a store is handed down its owners' bound.
    private static let ownerBound = "max_bytes_per_owner"

    private func isHandedDown(to plugin: PluginConfiguration) -> Bool {
        storage?.plugin == plugin.name && storage?.retention.maxBytesPerOwner != nil
    }

    /// What a plugin gets as its configuration: the entry's `config`, that of its hook, and what `storage` hands down to
    /// the store. The configuration's check has made sure that no key is in two of them.
    func config(of plugin: PluginConfiguration) -> [UInt8] {
        // The configuration writes each as an object without spaces.
        var members = [plugin.config.dropFirst().dropLast()]
        if isHandedDown(to: plugin), let bound = storage?.retention.maxBytesPerOwner {
            members.insert(Array("\"\(Self.ownerBound)\":\(bound)".utf8)[...], at: 0)
        }
        if let hook = hook(of: plugin) { members.append(hook.config.dropFirst().dropLast()) }
        let joined = members.filter { !$0.isEmpty }.joined(separator: [UInt8(ascii: ",")])
        return [UInt8(ascii: "{")] + joined + [UInt8(ascii: "}")]
    }

    /// Where a setting that the plugin complains about stands, if it isn't in the entry but was handed down.
    func markOfHandedDown(_ setting: String, _ plugin: PluginConfiguration) -> SourceMark? {
        if setting == Self.ownerBound, isHandedDown(to: plugin) {
            return storage?.marks.mark(at: "retention.\(Self.ownerBound)")
        }
        guard let hook = hook(of: plugin), hook.marks.has("config") else { return nil }
        // What is missing is missing where the plugin has its settings.
        guard hook.has(config: setting) || !plugin.marks.has("config") else { return nil }
        return hook.marks.mark(at: setting.isEmpty ? "config" : "config." + setting)
    }

    private func hook(of plugin: PluginConfiguration) -> HookConfiguration? {
        hooks.first { $0.plugin == plugin.name }
    }
}
