/// What the YAML says of the store.
struct Configuration {
    /// Records, hidden ones included.
    var maxEntries = 10_000
    /// Bytes of values.
    var maxBytes = 256 << 20

    /// Takes one key. `value` is nil where it is no integer.
    mutating func set(_ key: String, to value: Int64?) throws(Failure) {
        guard key == "max_entries" || key == "max_bytes" else {
            throw Failure(kind: .invalid, param: key, message: "Unknown key; there are max_entries and max_bytes.")
        }
        guard let value, let number = Int(exactly: value), number > 0 else {
            throw Failure(kind: .invalid, param: key, message: "\(key) must be a positive integer.")
        }
        if key == "max_entries" { maxEntries = number } else { maxBytes = number }
    }
}
