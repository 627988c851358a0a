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
            if let function = hook.ffi {
                do throws(ForeignError) {
                    let foreign = try host.foreignHook(
                        named: hook.name ?? "", points: hook.points.map { HookPoint($0) }, ForeignSignature(function),
                        threads: function.threads)
                    entries.append(HookEntry(foreign, hook))
                } catch {
                    complaints.append(error.diagnostic(in: function))
                }
                continue
            }
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

extension HookPoint {
    fileprivate init(_ name: HookPointName) {
        switch name {
        case .request: self = .request
        case .historyLoaded: self = .historyLoaded
        case .route: self = .route
        case .attemptFailed: self = .attemptFailed
        case .events: self = .events
        case .toolCall: self = .toolCall
        case .toolResult: self = .toolResult
        case .complete: self = .complete
        case .persisted: self = .persisted
        case .failure: self = .failure
        }
    }
}
