extension StorageConfiguration {
    static let schema = Schema(
        make: { StorageConfiguration() },
        fields: [
            Field("plugin", \.plugin, .name, isRequired: true),
            Field("retention", \.retention, RetentionConfiguration.schema.kind),
            Field("durability", \.durability, .choice([("commit", .commit), ("memory", .memory)])),
            Field(
                "checkpoint_interval", \.checkpointInterval,
                Kind<Duration>.duration(from: "0s", to: "1h").map { $0 == .zero ? nil : $0 }),
            Field("limits", \.limits, StorageLimits.schema.kind),
        ],
        finish: { storage, node, _, _ in storage.marks = MarkTree(node) })
}

extension RetentionConfiguration {
    static let schema = Schema(
        make: { RetentionConfiguration() },
        fields: [
            Field(
                "ttl", \.ttlSeconds,
                Kind<Duration>.duration(from: "1s", to: "3650d").map { Int($0.components.seconds) }),
            Field("max_bytes", \.maxBytes, .size(from: "1MiB", to: "1024TiB")),
            Field("max_bytes_per_owner", \.maxBytesPerOwner, .size(from: "1MiB", to: "1024TiB")),
        ])
}

extension StorageLimits {
    static let schema = Schema(
        make: { StorageLimits() },
        fields: [
            Field("chain_depth", \.chainDepth, .integer(in: 1...100_000)),
            Field("chain_bytes", \.chainBytes, .size(from: "1KiB", to: "1GiB")),
            Field("stream_shape", \.streamShape, .size(from: "0B", to: "64MiB")),
        ])
}
