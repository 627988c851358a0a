import NIOCore
import PatchbayConfig
import PatchbayLifecycle
import PatchbayPluginHost

extension PluginSet {
    /// The configured hooks over these plugins, in their order. Throws a `StartFailure` with every complaint.
    func hooks(_ configuration: Configuration) throws -> [HookEntry] {
        var entries: [HookEntry] = []
        var complaints: [ConfigurationDiagnostic] = []
        for hook in configuration.hooks {
            do throws(PluginError) {
                guard let plugin = hook.plugin else { continue }
                entries.append(HookEntry(try host.hook(named: plugin), hook))
            } catch {
                complaints.append(
                    ConfigurationDiagnostic(mark: hook.marks.mark(at: "plugin"), message: error.description))
            }
        }
        guard complaints.isEmpty else { throw StartFailure(complaints) }
        return entries
    }
}

extension HookEntry {
    init(_ hook: any Hook, _ entry: HookConfiguration) {
        let onError: OnError =
            switch entry.onError {
            case .failClosed: .failClosed
            case .failOpen: .failOpen
            }
        self.init(hook, onError: onError, budget: TimeAmount(entry.budget))
    }
}
