import Testing

/// The stores that every promise about history is tested with.
enum Store: String, CaseIterable, Sendable {
    case sqlite, memory

    var plugin: String {
        switch self {
        case .sqlite: "  - {name: history, library: libpatchbay_sqlite.so, config: {path: $FOLDER/history.db}}"
        case .memory: "  - {name: history, library: libpatchbay_memory.so}"
        }
    }
}

/// A store, and whether the answers are streamed: what most promises about a turn are tested with, all four ways.
struct Setup: CustomTestStringConvertible, Sendable {
    var store: Store? = .sqlite
    var streamed = false
    /// Lines under `storage:`, each with its two spaces.
    var storage = ""
    /// The section `server:`, and others.
    var sections = ""

    static let all = Store.allCases.flatMap { [Setup(store: $0, streamed: false), Setup(store: $0, streamed: true)] }
    static let stores = Store.allCases.map { Setup(store: $0) }

    var testDescription: String { "\(store?.rawValue ?? "no store")\(streamed ? ", streamed" : "")" }

    func with(storage: String = "", sections: String = "") -> Setup {
        var copy = self
        copy.storage = storage
        copy.sections = sections
        return copy
    }

    static let keys = """
        keys:
          - {name: team-a, key: key-of-team-a}
          - {name: team-b, key: key-of-team-b}
        """

    /// The Scripted provider under every model's name, and the store.
    var yaml: String {
        """
        \(sections)
        plugins:
          - {name: scripted, library: libpatchbay_scripted.so}
        \(store?.plugin ?? "")
        models:
          - {name: "*", provider: scripted}
        \(store == nil ? "" : "storage:\n  plugin: history\n" + storage)
        """
    }
}
