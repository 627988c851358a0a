import PatchbayModel

/// What `POST /v1/responses/compact` answers. Nothing of it is stored.
package struct CompactedConversation: Sendable {
    package var id: String
    /// Unix seconds.
    package var createdAt: Int
    /// All that the user said, as it was, and the compaction item.
    package var output: [Item]
    /// Of the summariser's call.
    package var usage: Usage
}
