/// Token counts of an answer; -1 where one isn't known.
struct Usage: Sendable {
    var input: Int
    var cached: Int
    var cacheWrite: Int
    var output: Int
    var reasoning: Int

    static let none = Usage(input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0)
}
