import Foundation
import Testing

@testable import PatchbayConfig

/// Documentation/config.md is written by hand; these keep it true.
@Suite struct DocumentationTests {
    private func reference() throws -> String {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Documentation/config.md")
        return try String(contentsOf: url, encoding: .utf8)
    }

    @Test("the reference names every key that the schemas know")
    func keys() throws {
        let text = try reference()
        let sections: [(path: String, names: [String])] = [
            ("", Configuration.schema.fields.map(\.name)),
            ("server.", ServerConfiguration.schema.fields.map(\.name)),
            ("server.limits.", ServerLimits.schema.fields.map(\.name)),
            ("server.limits.stream.", StreamLimits.schema.fields.map(\.name)),
            ("server.websocket.", WebSocketConfiguration.schema.fields.map(\.name)),
            ("server.shutdown.", ShutdownConfiguration.schema.fields.map(\.name)),
            ("", PluginConfiguration.schema.fields.map(\.name)),
            ("", ModelConfiguration.schema.fields.map(\.name)),
            ("features.", ModelFeatures.schema.fields.map(\.name)),
            ("storage.", StorageConfiguration.schema.fields.map(\.name)),
            ("storage.retention.", RetentionConfiguration.schema.fields.map(\.name)),
            ("storage.limits.", StorageLimits.schema.fields.map(\.name)),
            ("background.", BackgroundConfiguration.schema.fields.map(\.name)),
            ("compaction.", CompactionConfiguration.schema.fields.map(\.name)),
            ("", KeyConfiguration.schema.fields.map(\.name)),
            ("", HookConfiguration.schema.fields.map(\.name)),
            ("", ToolConfiguration.schema.fields.map(\.name)),
            ("", ForeignFunctionConfiguration.schema.fields.map(\.name)),
            ("", ForeignArgumentConfiguration.schema.fields.map(\.name)),
            ("size.", ForeignArgumentConfiguration.Room.schema.fields.map(\.name)),
            ("returns.", ForeignReturnConfiguration.schema.fields.map(\.name)),
        ]
        for section in sections {
            for name in section.names {
                let key = "`\(section.path)\(name)"
                let isNamed = text.contains(key + "`") || text.contains(key + ".") || text.contains("## \(name)\n")
                #expect(isNamed, "\(section.path)\(name) is not in Documentation/config.md")
            }
        }
    }

    @Test("the reference's example loads without a word, and shows the defaults")
    func example() throws {
        let parts = try reference().components(separatedBy: "```")
        let yaml = try #require(parts.first { $0.hasPrefix("yaml\n") }).dropFirst("yaml\n".count)
        let outcome = load(
            String(yaml),
            [
                "OPENAI_API_KEY": "x", "PATCHBAY_KEY_A": "a-long-enough-key",
                "PATCHBAY_COMPACTION_KEY": "another-long-enough-key",
            ])
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(outcome.lines == [])
        let shown = configuration.server
        let defaults = ServerConfiguration()
        #expect(shown.host == defaults.host && shown.port == defaults.port && shown.limits == defaults.limits)
        #expect(shown.shutdown == defaults.shutdown && shown.sseDone == defaults.sseDone)
        #expect(shown.sseCommentInterval == defaults.sseCommentInterval && shown.onDisconnect == defaults.onDisconnect)
        #expect(shown.webSocket == defaults.webSocket)
        let storage = try #require(configuration.storage)
        #expect(storage.limits == StorageLimits() && storage.durability == .commit)
        #expect(storage.retention.ttlSeconds == RetentionConfiguration().ttlSeconds)
        let (hook, tool) = (try #require(configuration.hooks.first), try #require(configuration.tools.first))
        #expect(hook.onError == HookConfiguration().onError && hook.budget == HookConfiguration().budget)
        let standard = ToolConfiguration()
        #expect(tool.approval == standard.approval && tool.timeout == standard.timeout)
        #expect(tool.maxOutput == standard.maxOutput && tool.onError == standard.onError)
    }
}
