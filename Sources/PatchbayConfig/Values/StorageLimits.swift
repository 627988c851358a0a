/// `storage.limits:`, what one `previous_response_id` may bring back.
package struct StorageLimits: Sendable, Equatable {
    /// Responses in a chain.
    package var chainDepth = 1000
    /// Bytes of a chain's items.
    package var chainBytes = 64 << 20

    /// Bytes kept of a stream's shape, by which it can be taken up again.
    package var streamShape = 1 << 20

    package init() {}
}
