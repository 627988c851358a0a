/// Token counts; -1 where not known.
struct Usage: Equatable {
    /// All that the model was given, what was read from a cache or written to it included.
    var input = -1
    var cached = -1
    var cacheWrite = -1
    /// All that the model wrote, its reasoning included.
    var output = -1
    var reasoning = -1

    /// A count as an upstream gives it; -1 for anything else.
    static func count(_ value: JSONValue?) -> Int {
        guard let count = value?.int, count >= 0 else { return -1 }
        return count
    }
}
