/// A list of small numbers (places in an array beside it), each at most once in it. All steps take constant time.
struct Order {
    private struct Link {
        var before = -1
        var after = -1
    }

    private var links: [Link] = []
    private(set) var first: Int?
    private var last: Int?

    mutating func append(_ place: Int) {
        while links.count <= place { links.append(Link()) }
        links[place] = Link(before: last ?? -1, after: -1)
        if let last { links[last].after = place } else { first = place }
        last = place
    }

    /// `place` is in the list.
    mutating func remove(_ place: Int) {
        let link = links[place]
        let (before, after) = (link.before >= 0 ? link.before : nil, link.after >= 0 ? link.after : nil)
        if let before { links[before].after = link.after } else { first = after }
        if let after { links[after].before = link.before } else { last = before }
    }

    /// `place` is in the list.
    mutating func moveToEnd(_ place: Int) {
        guard last != place else { return }
        remove(place)
        append(place)
    }
}
