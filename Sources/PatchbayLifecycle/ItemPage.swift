import PatchbayModel

/// Which page of a list is asked for.
package struct PageQuery: Sendable, Hashable {
    package enum Order: String, Sendable, Hashable {
        case ascending = "asc"
        case descending = "desc"
    }

    /// 1 to 100.
    package var limit: Int
    package var order: Order
    /// Begin after the item of this id.
    package var after: String?
    /// End before the item of this id.
    package var before: String?

    package init(limit: Int = 20, order: Order = .descending, after: String? = nil, before: String? = nil) {
        self.limit = limit
        self.order = order
        self.after = after
        self.before = before
    }
}

/// A page of items.
package struct ItemPage: Sendable, Hashable {
    package var items: [Item]
    package var hasMore: Bool

    package init(items: [Item], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }
}
