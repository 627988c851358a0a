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

extension PageQuery {
    /// Cuts the page out of all, which are in their order. Throws `.invalidRequest` for a place that isn't there.
    func page<Element>(of all: [Element], id: (Element) -> String?) throws(GatewayError)
        -> (elements: ArraySlice<Element>, hasMore: Bool)
    {
        var rest = order == .ascending ? all[...] : all.reversed()[...]
        if let after {
            guard let index = rest.lastIndex(where: { id($0) == after }) else { throw Self.unknown(after, "after") }
            rest = rest[(index + 1)...]
        }
        if let before {
            guard let index = rest.firstIndex(where: { id($0) == before }) else { throw Self.unknown(before, "before") }
            rest = rest[..<index]
        }
        return (rest.prefix(limit), rest.count > limit)
    }

    private static func unknown(_ id: String, _ param: String) -> GatewayError {
        .invalid("There is no item '\(id.prefix(128))' in this list.", param: param)
    }
}
