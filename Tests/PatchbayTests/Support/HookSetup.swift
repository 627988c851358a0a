import Foundation

/// The plugins whose hooks come with the product, in the order that their READMEs ask for: Audit sees what Redact has
/// masked, and what Guard refuses after it; nobody changes a request after the Cache has looked at it.
enum BundledHook: String, CaseIterable, Sendable {
    case redact, audit
    case guarding = "guard"
    case cache
}

/// A server with bundled hooks before the Scripted provider, which serves every model, and the tools of `hook_and_tools`.
struct HookSetup {
    /// Each hook with its configuration as YAML, in the order of requests.
    var hooks: [(hook: BundledHook, config: String)]
    var store: Store = .sqlite
    /// Entries under `tools:`.
    var tools: [String] = []
    /// Other sections of the configuration.
    var sections = ""
    /// What else an entry under `hooks` says: `, budget: 5s`.
    var options = ""

    func start() throws -> ServerProcess {
        let folder = try Folder()
        let kit = tools.isEmpty ? nil : try Product.compile("hook_and_tools", into: folder)
        var lines = ["plugins:", "  - {name: scripted, library: libpatchbay_scripted.so}", store.plugin]
        if let kit { lines.append("  - {name: kit, library: \(kit)}") }
        for (hook, config) in hooks {
            lines.append("  - {name: \(hook.rawValue), library: libpatchbay_\(hook.rawValue).so, config: \(config)}")
        }
        lines += ["models:", "  - {name: \"*\", provider: scripted}", "storage: {plugin: history}", "hooks:"]
        lines += hooks.map { "  - {plugin: \($0.hook.rawValue)\(options)}" }
        if !tools.isEmpty { lines += ["tools:"] + tools.map { "  - " + $0 } }
        return try ServerProcess((lines + [sections]).joined(separator: "\n"), in: folder)
    }
}

extension ServerProcess {
    /// What the running server counts of the hook of this name.
    func counts(of hook: BundledHook) throws -> JSON {
        try get("/plugins").json["hooks"]?.elements.first { $0["name"]?.string == hook.rawValue } ?? .null
    }

    /// The lines of the audit file, once there are so many.
    func audit(_ count: Int, file: String = "audit.jsonl") throws -> [JSON] {
        let deadline = Date(timeIntervalSinceNow: 30)
        while true {
            let text = (try? String(contentsOfFile: folder.path + "/" + file, encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").map(String.init)
            if lines.count >= count, text.hasSuffix("\n") { return try lines.map { try JSON($0) } }
            guard Date() < deadline else { throw TestFailure("\(lines.count) lines, and not \(count):\n\(text)") }
            usleep(2000)
        }
    }
}
