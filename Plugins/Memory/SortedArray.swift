/// An array kept in order. What is added last is mostly the largest, so that adding is mostly appending.
struct SortedArray<Element: Comparable> {
    private(set) var elements: [Element] = []

    /// The first place whose element isn't below `element`.
    func firstIndex(notBelow element: Element) -> Int {
        var low = 0
        var high = elements.count
        if let last = elements.last, last < element { return high }
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < element {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    mutating func insert(_ element: Element) {
        elements.insert(element, at: firstIndex(notBelow: element))
    }

    /// Takes the element out; nothing happens where it isn't there.
    mutating func remove(_ element: Element) {
        let index = firstIndex(notBelow: element)
        if index < elements.count, elements[index] == element { elements.remove(at: index) }
    }
}

/// A living record's place in the list of its owner and kind.
struct ListItem: Comparable {
    var created: Int64
    var id: Bytes
    var slot: Int

    static func == (left: Self, right: Self) -> Bool { left.created == right.created && left.id == right.id }

    static func < (left: Self, right: Self) -> Bool {
        if left.created != right.created { return left.created < right.created }
        return left.id.lexicographicallyPrecedes(right.id)
    }
}

/// Which list a record is in.
struct ListKey: Hashable {
    var owner: Bytes
    var kind: Bytes
}

/// When a record expires.
struct ExpiryItem: Comparable {
    var expires: Int64
    var slot: Int

    static func < (left: Self, right: Self) -> Bool {
        left.expires != right.expires ? left.expires < right.expires : left.slot < right.slot
    }
}
