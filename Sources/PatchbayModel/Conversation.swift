/// A conversation that clients name by its id, without its items.
package struct Conversation: Sendable, Hashable {
    package var id: String
    /// Unix seconds.
    package var createdAt: Int
    /// One JSON object of strings.
    package var metadata: [UInt8]

    package init(id: String, createdAt: Int, metadata: [UInt8]) {
        self.id = id
        self.createdAt = createdAt
        self.metadata = metadata
    }
}
