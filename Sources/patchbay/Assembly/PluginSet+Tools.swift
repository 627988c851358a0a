import PatchbayConfig
import PatchbayLifecycle
import PatchbayPluginHost

extension PluginSet {
    /// The configured tools, in the order of the configuration and of their plugins. The plugins have started: they are
    /// asked what tools they have. Throws a `StartFailure` with every complaint.
    func tools(_ configuration: Configuration) throws -> [ServerTool] {
        var list = ToolList()
        for entry in configuration.tools {
            if let function = entry.ffi {
                do throws(ForeignError) {
                    let tool = try host.foreignTool(ForeignSignature(function), threads: function.threads)
                    list.add(tool, of: entry)
                } catch {
                    list.complain(error.diagnostic(in: function))
                }
                continue
            }
            do throws(PluginError) {
                guard let plugin = entry.plugin else { continue }
                list.add(try host.tools(named: plugin), of: entry)
            } catch {
                list.complain(entry, at: "plugin", error.description)
            }
        }
        list.check(configuration.models)
        guard list.complaints.isEmpty else { throw StartFailure(list.complaints) }
        return list.tools
    }
}

/// A tool without what the configuration says of it.
private struct PluginTool {
    var name: String
    var description: String
    /// A JSON Schema.
    var parameters: [UInt8]
    var runner: any ToolRunner
}

/// Tools as they are gathered: each name once.
private struct ToolList {
    private(set) var tools: [ServerTool] = []
    private(set) var complaints: [ConfigurationDiagnostic] = []
    private var owners: [String: ToolConfiguration] = [:]

    /// A plugin's tools, or those of them that the entry is about.
    mutating func add(_ plugin: PluginTools, of entry: ToolConfiguration) {
        let offered = plugin.tools.map {
            PluginTool(
                name: $0.name, description: $0.description, parameters: $0.parameters, runner: plugin.runner)
        }
        guard let wanted = entry.tools else {
            for tool in offered { add(ServerTool(tool, entry), of: entry, at: "plugin") }
            return
        }
        for (index, name) in wanted.enumerated() {
            if let tool = offered.first(where: { $0.name == name }) {
                add(ServerTool(tool, entry), of: entry, at: "tools[\(index)]")
            } else {
                let names = offered.map { "'\($0.name)'" }.joined(separator: ", ")
                let has = names.isEmpty ? "it has none" : "it has \(names)"
                complain(
                    entry, at: "tools[\(index)]",
                    "\(entry.path).tools[\(index)] '\(name)' is no tool of the plugin '\(entry.plugin ?? "")'; \(has)")
            }
        }
    }

    mutating func add(_ tool: ForeignTool, of entry: ToolConfiguration) {
        let offered = PluginTool(
            name: entry.name ?? "", description: entry.description ?? tool.derivedDescription,
            parameters: tool.parameters, runner: tool)
        add(ServerTool(offered, entry), of: entry, at: "name")
    }

    private mutating func add(_ tool: ServerTool, of entry: ToolConfiguration, at key: String) {
        if let other = owners[tool.name] {
            complain(
                entry, at: key,
                "two tools are called '\(tool.name)': one of \(entry.what) and one of \(other.what) at line \(other.marks.mark.line); choose with 'tools'"
            )
        } else {
            owners[tool.name] = entry
            tools.append(tool)
        }
    }

    /// What models are offered must be there.
    mutating func check(_ models: [ModelConfiguration]) {
        for model in models {
            for (index, name) in (model.tools ?? []).enumerated() where owners[name] == nil {
                complain(
                    ConfigurationDiagnostic(
                        mark: model.marks.mark(at: "tools[\(index)]"),
                        message: "\(model.path).tools[\(index)] '\(name)' is no tool of this server"))
            }
        }
    }

    mutating func complain(_ complaint: ConfigurationDiagnostic) {
        complaints.append(complaint)
    }

    mutating func complain(_ entry: ToolConfiguration, at key: String, _ words: String) {
        complaints.append(ConfigurationDiagnostic(mark: entry.marks.mark(at: key), message: words))
    }
}

extension ToolConfiguration {
    /// Whose tools these are, for a diagnostic.
    fileprivate var what: String {
        plugin.map { "the plugin '\($0)'" } ?? "a C function"
    }
}

extension ServerTool {
    fileprivate init(_ tool: PluginTool, _ entry: ToolConfiguration) {
        self.init(
            name: tool.name, description: tool.description, parameters: tool.parameters, approval: entry.serverApproval,
            onError: entry.serverOnError, timeout: Int(entry.timeout / .milliseconds(1)), maxOutput: entry.maxOutput,
            runner: tool.runner)
    }
}

/// The same words in the lifecycle's terms.
extension ToolConfiguration {
    var serverApproval: ServerTool.Approval {
        switch approval {
        case .auto: .auto
        case .never: .never
        case .client: .client
        }
    }

    var serverOnError: ServerTool.OnError {
        switch onError {
        case .continue: .continue
        case .fail: .fail
        }
    }
}
