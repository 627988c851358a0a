/// An entry of `keys:`: who a key belongs to.
package struct KeyConfiguration: Sendable {
    /// The owner of everything that is stored under this key; unique.
    package var name = ""
    package var secret = KeySecret.sha256([])
    /// The places of the entry's keys and values.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    /// `keys[0]`, as diagnostics name it.
    package internal(set) var path = ""

    /// `key` and `key_sha256` as the file has them; between reading the entry and checking it only.
    var plain: KeySecret?
    var sha256: KeySecret?

    /// false: it could not be read.
    var hasSecret: Bool { secret != .sha256([]) }

    package init() {}
}
