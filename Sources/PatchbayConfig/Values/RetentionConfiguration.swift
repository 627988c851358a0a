/// `storage.retention:`, how long and how much.
package struct RetentionConfiguration: Sendable, Equatable {
    /// Seconds since a chain's last use; 30 days by default.
    package var ttlSeconds = 30 * 86_400
    /// Bytes that all owners' responses may have together; nil: no limit but the plugin's own.
    package var maxBytes: Int?
    /// Bytes that each owner's may have; nil: no limit but that of all.
    package var maxBytesPerOwner: Int?

    package init() {}
}
