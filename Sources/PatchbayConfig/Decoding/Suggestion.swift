/// `did you mean`: the nearest of the allowed words, if one is near.
enum Suggestion {
    /// Words longer than this are not compared: it is quadratic work.
    private static let longest = 64
    /// Candidates past this many are not looked at.
    private static let most = 1000

    /// The nearest of `candidates` by edit distance (insert, delete, replace, swap), at most a third of the word's
    /// length and never more than three; upper and lower case, and `-` and `_`, count as the same letter.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = normalized(word)
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        let limit = max(1, min(3, wanted.count / 3))
        var best: (word: String, distance: Int)?
        for candidate in candidates.prefix(most) where candidate != word && candidate.utf8.count <= longest * 4 {
            let other = normalized(candidate)
            guard other.count <= longest, abs(other.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, other)
            guard distance <= limit, distance < max(wanted.count, other.count) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.word
    }

    /// `; did you mean 'x'?`, or nothing.
    static func hint(for word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { "; did you mean \(Quoting.quote($0))?" } ?? ""
    }

    private static func normalized(_ word: String) -> [Unicode.Scalar] {
        guard word.utf8.count <= longest * 4 else { return [] }
        return word.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
    }

    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
