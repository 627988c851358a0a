/// Elements kept in order, in chunks of bounded size: adding and removing move one chunk's elements, however many
/// there are.
struct SortedArray<Element: Comparable> {
    private static var largestChunk: Int { 256 }

    /// None is empty.
    private var chunks: [[Element]] = []

    var isEmpty: Bool { chunks.isEmpty }

    mutating func insert(_ element: Element) {
        guard !chunks.isEmpty else { return chunks.append([element]) }
        let chunk = chunkIndex(of: element)
        chunks[chunk].insert(element, at: Self.firstIndex(in: chunks[chunk], notBelow: element))
        guard chunks[chunk].count > Self.largestChunk else { return }
        // What is added last is mostly the largest: the last chunk is left nearly full, the others are halved.
        let isLast = chunk == chunks.count - 1
        let kept = isLast ? Self.largestChunk - 16 : Self.largestChunk / 2
        chunks.insert(Array(chunks[chunk][kept...]), at: chunk + 1)
        chunks[chunk].removeSubrange(kept...)
    }

    /// Takes the element out; nothing happens where it isn't there.
    mutating func remove(_ element: Element) {
        guard contains(element) else { return }
        let chunk = chunkIndex(of: element)
        chunks[chunk].remove(at: Self.firstIndex(in: chunks[chunk], notBelow: element))
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
    }

    func contains(_ element: Element) -> Bool {
        guard !chunks.isEmpty else { return false }
        let chunk = chunks[chunkIndex(of: element)]
        let index = Self.firstIndex(in: chunk, notBelow: element)
        return index < chunk.count && chunk[index] == element
    }

    /// How many elements are below this one.
    func count(below element: Element) -> Int {
        guard !chunks.isEmpty else { return 0 }
        let chunk = chunkIndex(of: element)
        return chunks[..<chunk].reduce(0) { $0 + $1.count } + Self.firstIndex(in: chunks[chunk], notBelow: element)
    }

    /// Calls `body` with the elements below `end` (nil: with all), the largest first, until it answers false.
    func forEachDescending(below end: Element?, _ body: (Element) -> Bool) {
        guard !chunks.isEmpty else { return }
        let last = end.map { chunkIndex(of: $0) } ?? chunks.count - 1
        for chunk in (0...last).reversed() {
            var count = chunks[chunk].count
            if let end, chunk == last { count = Self.firstIndex(in: chunks[chunk], notBelow: end) }
            for element in chunks[chunk][..<count].reversed() where !body(element) { return }
        }
    }

    /// The chunk that the element is in, or belongs into: the last one that doesn't begin above it.
    private func chunkIndex(of element: Element) -> Int {
        var low = 0
        var high = chunks.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if element < chunks[middle][0] { high = middle } else { low = middle }
        }
        return low
    }

    private static func firstIndex(in chunk: [Element], notBelow element: Element) -> Int {
        var low = 0
        var high = chunk.count
        while low < high {
            let middle = (low + high) / 2
            if chunk[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
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

    /// Above all that are expired at that time, and below all that aren't.
    static func end(of now: Int64) -> Self { Self(expires: now, slot: Int.max) }

    static func < (left: Self, right: Self) -> Bool {
        left.expires != right.expires ? left.expires < right.expires : left.slot < right.slot
    }
}
