import NIOCore
import PatchbayConfig
import PatchbayLifecycle
import PatchbayPluginHost

/// What `patchbay plugins` prints: the lines.
struct PluginListing {
    private(set) var lines: [String] = []

    mutating func add(_ plugin: PluginInfo, in configuration: Configuration) {
        lines.append(plugin.name)
        add("library", plugin.path)
        add("module", "\(plugin.id) \(plugin.version) (\(plugin.licence)), ABI 1.\(plugin.abiMinor)")
        add("", plugin.summary)
        add("interfaces", plugin.interfaces.joined(separator: ", "))
        var uses = configuration.models.filter { $0.provider == plugin.name }.map(\.name)
        if configuration.storage?.plugin == plugin.name { uses.append("storage") }
        if configuration.hooks.contains(where: { $0.plugin == plugin.name }) { uses.append("hooks") }
        if configuration.tools.contains(where: { $0.plugin == plugin.name }) { uses.append("tools") }
        if !uses.isEmpty { add("serves", uses.joined(separator: ", ")) }
    }

    /// In the order in which requests meet them. `report` nil: no server has told its counts.
    mutating func add(hooks: [HookEntry], _ report: ServerReport?) {
        guard !hooks.isEmpty else { return }
        lines += ["", "hooks, in the order of requests"]
        for (index, entry) in hooks.enumerated() {
            let interest = entry.hook.interest
            lines.append("\(index + 1). \(entry.hook.name)")
            add("points", interest.pointNames.joined(separator: ", "))
            if interest.contains(.events) {
                add("events", interest.hasAllEvents ? "all" : interest.eventNames.joined(separator: ", "))
            }
            add("on_error", entry.onError.rawValue)
            add("budget", Self.time(entry.budget.nanoseconds / 1_000_000))
            guard let report else { continue }
            if let hook = report.hooks.first(where: { $0.name == entry.hook.name }) {
                add(
                    "so far",
                    "\(hook.visits) visits, \(hook.rejections) rejected, \(hook.timeouts) timed out, \(hook.failures) failed"
                )
            } else {
                add("so far", "the running server doesn't have it")
            }
        }
    }

    /// The running server's; a plugin says its tools once it has started, which this command spares it.
    mutating func add(toolsOf report: ServerReport) {
        guard !report.tools.isEmpty else { return }
        lines += ["", "tools of the running server"]
        for tool in report.tools {
            lines.append(tool.name)
            add("parameters", tool.parameters)
            add("approval", tool.approval)
            add("timeout", Self.time(Int64(tool.timeout)))
            add("max_output", Self.size(tool.maxOutput))
            add("on_error", tool.onError)
            add(
                "so far",
                "\(tool.calls) calls, \(tool.refusals) refused, \(tool.timeouts) timed out, \(tool.failures) failed")
        }
    }

    /// What the configuration alone knows of the tools.
    mutating func add(tools: [ToolConfiguration]) {
        guard !tools.isEmpty else { return }
        lines += ["", "tools"]
        for tool in tools {
            lines.append(tool.name ?? tool.tools?.joined(separator: ", ") ?? "all of \(tool.plugin ?? "")")
            if let plugin = tool.plugin { add("plugin", plugin) }
            add("approval", tool.serverApproval.rawValue)
            add("timeout", Self.time(Int64(tool.timeout / .milliseconds(1))))
            add("max_output", Self.size(tool.maxOutput))
            add("on_error", tool.serverOnError.rawValue)
        }
    }

    mutating func note(_ words: String) {
        lines += ["", words]
    }

    private mutating func add(_ label: String, _ words: String) {
        lines.append("  " + label + String(repeating: " ", count: max(1, 12 - label.count)) + words)
    }

    private static func time(_ milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }

    private static func size(_ bytes: Int) -> String {
        if bytes % (1 << 20) == 0 { return "\(bytes >> 20) MiB" }
        return bytes % (1 << 10) == 0 ? "\(bytes >> 10) KiB" : "\(bytes) B"
    }
}
