/// What the YAML says of the store.
struct Configuration {
    /// Records, hidden ones included.
    var maxEntries = 10_000
    /// Bytes of values and blobs.
    var maxBytes = 256 << 20
    /// The same for each owner; nil: no bound but that of all.
    var maxBytesPerOwner: Int?

    /// Takes one key. `value` is nil where it is no integer.
    mutating func set(_ key: String, to value: Int64?) throws(Failure) {
        guard ["max_entries", "max_bytes", "max_bytes_per_owner"].contains(key) else {
            throw Failure(
                kind: .invalid, param: key,
                message: "Unknown key; there are max_entries, max_bytes and max_bytes_per_owner.")
        }
        guard let value, let number = Int(exactly: value), number > 0 else {
            throw Failure(kind: .invalid, param: key, message: "\(key) must be a positive integer.")
        }
        switch key {
        case "max_entries": maxEntries = number
        case "max_bytes": maxBytes = number
        default: maxBytesPerOwner = number
        }
    }
}
