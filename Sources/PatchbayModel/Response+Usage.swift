extension [Response] {
    /// What they took together; nil where nothing is known of any. Each is a call of its own, which has read the input.
    package var totalUsage: Usage? {
        let known = compactMap(\.usage)
        return known.isEmpty ? nil : known.dropFirst().reduce(known[0], +)
    }
}
