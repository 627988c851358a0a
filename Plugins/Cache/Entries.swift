/// What is kept: at most so many entries and bytes, those used last, none past its time. All steps take constant time,
/// but for what an entry throws out.
struct Entries {
    private struct Place {
        var key: Fingerprint
        /// Nil where the place is free.
        var entry: Entry?
    }

    private let maxEntries: Int
    private let maxBytes: Int
    private var index: [Fingerprint: Int] = [:]
    private var places: [Place] = []
    private var free: [Int] = []
    /// By use, the longest ago first.
    private var uses = Order()
    /// By age. All live equally long, so the first is the next to expire.
    private var ages = Order()
    private(set) var bytes = 0

    /// How many expired entries an insertion looks for, so that none holds the lock for long.
    private static let largestSweep = 64

    var count: Int { index.count }

    init(maxEntries: Int, maxBytes: Int) {
        self.maxEntries = maxEntries
        self.maxBytes = maxBytes
    }

    /// The entry, which counts as a use. An entry that has expired goes into `gone`.
    mutating func find(_ key: Fingerprint, now: UInt64, gone: inout [Entry]) -> Entry? {
        guard let place = index[key], let entry = places[place].entry else { return nil }
        guard now < entry.expires else {
            remove(place, &gone)
            return nil
        }
        uses.moveToEnd(place)
        return entry
    }

    /// Keeps an entry that isn't larger than the cache. What it takes the place of goes into `gone`, to be let go of
    /// when no lock is held.
    mutating func insert(_ key: Fingerprint, _ entry: Entry, now: UInt64, gone: inout [Entry]) {
        if let place = index[key] { remove(place, &gone) }
        while gone.count < Self.largestSweep, let oldest = expired(now) { remove(oldest, &gone) }
        while count >= maxEntries || bytes + entry.size > maxBytes, let unneeded = expired(now) ?? uses.first {
            remove(unneeded, &gone)
        }
        let place = free.popLast() ?? places.count
        if place == places.count { places.append(Place(key: key, entry: nil)) }
        places[place] = Place(key: key, entry: entry)
        index[key] = place
        uses.append(place)
        ages.append(place)
        bytes += entry.size
    }

    private func expired(_ now: UInt64) -> Int? {
        guard let oldest = ages.first, let expires = places[oldest].entry?.expires, expires <= now else { return nil }
        return oldest
    }

    private mutating func remove(_ place: Int, _ gone: inout [Entry]) {
        guard let entry = places[place].entry else { return }
        gone.append(entry)
        bytes -= entry.size
        index[places[place].key] = nil
        places[place].entry = nil
        uses.remove(place)
        ages.remove(place)
        free.append(place)
    }
}
