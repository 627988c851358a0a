extension CompactionConfiguration {
    static let schema = Schema(
        make: { CompactionConfiguration() },
        fields: [
            Field("model", \.model, Kind<String>.text("a string").map { $0 }),
            Field(
                "key", \.key,
                Kind<String>.text("a string", isSecret: true).checked { key, _ in
                    key.utf8.count < 16 ? "must have at least 16 characters" : nil
                }.map { .plain($0) }),
            Field("instructions", \.instructions, Kind<String>.text("a string").map { $0 }),
        ],
        finish: { compaction, node, _, _ in compaction.marks = MarkTree(node) })
}
