/// `storage:`, where a plugin keeps responses.
package struct StorageConfiguration: Sendable {
    package enum Durability: Sendable {
        /// A response is acknowledged when it would survive a crash.
        case commit
        /// A response is acknowledged when the plugin has it.
        case memory
    }

    /// A name under `plugins`.
    package var plugin = ""
    package var retention = RetentionConfiguration()
    package var durability = Durability.commit
    /// How often a running stream is stored as far as it got; nil: never.
    package var checkpointInterval: Duration? = .seconds(2)
    package var limits = StorageLimits()
    /// The places of the section's keys and values.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))

    package init() {}
}
