/// Which Claude a model is, as far as it decides what its requests may hold.
struct ModelVersion: Comparable, Sendable {
    /// Major times 100 and minor.
    private let number: Int

    private init(number: Int) { self.number = number }

    /// The version in a model's name: 4.5 of `claude-sonnet-4-5-20250929`. A Claude without one is taken for the newest,
    /// and what isn't a Claude for one of before adaptive thinking: other servers know the older form.
    init(model: String) {
        let words = model.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        guard let start = words.firstIndex(of: "claude") else {
            self.init(number: Self.adaptive.number - 1)
            return
        }
        let numbers = words[start...].drop { Self.small($0) == nil }
        guard let major = numbers.first.flatMap(Self.small) else {
            self.init(number: .max)
            return
        }
        self.init(number: major * 100 + (numbers.dropFirst().first.flatMap(Self.small) ?? 0))
    }

    /// A number of one or two digits: longer ones are dates.
    private static func small(_ word: Substring) -> Int? { word.count <= 2 ? Int(word) : nil }

    static func < (one: ModelVersion, other: ModelVersion) -> Bool { one.number < other.number }

    /// The first that thinks, that finds out by itself how much (before it, `budget_tokens` says), and that takes a
    /// message of the role `system` among the others.
    static let thinking = ModelVersion(number: 307)
    static let adaptive = ModelVersion(number: 406)
    static let systemMessages = ModelVersion(number: 408)
}
