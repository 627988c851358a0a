import PatchbayModel

/// The conversation before a turn: the stored turns that it continues, from the first to the one that
/// `previous_response_id` names.
struct History: Sendable {
    private let records: [StoredRecord]

    /// The history of a first turn.
    static let none = History(records: [])

    init(records: [StoredRecord]) {
        self.records = records
    }

    /// The first record of the chain; nil for a first turn.
    var root: String? { records.first?.root }

    /// How the last turn ended. Throws `.storage` if its record can't be read.
    func lastStatus() throws(GatewayError) -> Response.Status? {
        try lastHeader()?.response.status
    }

    /// Of the last response; what a conversation got besides has none.
    private func lastHeader() throws(GatewayError) -> TurnHeader? {
        guard let last = records.last(where: { $0.kind == .response || $0.kind == .completion }) else { return nil }
        var lines = TurnLines(last)
        while let line = try lines.next() {
            if line.tag == .header { return try TurnHeader(line.json) }
        }
        throw TurnLines.damaged("no header")
    }

    /// The model of the last turn; nil for a first turn. Throws `.storage` if its record can't be read.
    func lastModel() throws(GatewayError) -> String? {
        try lastHeader()?.response.model
    }

    /// All items from the latest compaction on, without ids and without reading any but that: the compaction's sealed
    /// text, the JSON of what follows it, and for each of these the provider that alone can read it, if one can.
    func sinceCompaction() throws(GatewayError) -> (
        sealed: String?, items: [ArraySlice<UInt8>], origins: [String?]
    ) {
        var sealed: String?
        var items: [ArraySlice<UInt8>] = []
        var origins: [String?] = []
        for record in records {
            var lines = TurnLines(record)
            var header: ArraySlice<UInt8> = []
            while let line = try lines.next() {
                if line.tag == .header { header = line.json }
                guard line.tag.isItem else { continue }
                if line.id.starts(with: CompactionItem.idPrefix),
                    let text = CompactionItem.sealed(in: try line.item())
                {
                    sealed = text
                    items.removeAll(keepingCapacity: true)
                    origins.removeAll(keepingCapacity: true)
                } else {
                    items.append(line.json)
                    origins.append(line.isBound ? TurnHeader.provider(in: header) : nil)
                }
            }
        }
        return (sealed, items, origins)
    }

    /// All items with their ids, in order.
    func items() throws(GatewayError) -> [Item] {
        var items: [Item] = []
        for record in records {
            var lines = TurnLines(record)
            while let line = try lines.next() {
                if line.tag.isItem { items.append(try line.item()) }
            }
        }
        return items
    }

    /// The lines of all items, in order, their JSON unread, each with the header that it stands under, empty where there
    /// is none.
    func lines() throws(GatewayError) -> [(item: TurnLines.Line, header: ArraySlice<UInt8>)] {
        var all: [(item: TurnLines.Line, header: ArraySlice<UInt8>)] = []
        for record in records {
            var lines = TurnLines(record)
            var header: ArraySlice<UInt8> = []
            while let line = try lines.next() {
                if line.tag == .header { header = line.json }
                if line.tag.isItem { all.append((line, header)) }
            }
        }
        return all
    }

    /// The calls among `callIDs` that the history has no function call for since its latest compaction. Reads from the
    /// newest turn backwards, as far as it must.
    func missingCalls(_ callIDs: Set<String>) throws(GatewayError) -> Set<String> {
        var missing = callIDs
        for record in records.reversed() where !missing.isEmpty {
            var called: Set<String> = []
            var isCompacted = false
            var lines = TurnLines(record)
            while let line = try lines.next() {
                guard line.tag.isItem else { continue }
                let item = try line.item()
                if item.kind == .functionCall, let id = item.callID { called.insert(id) }
                if CompactionItem.sealed(in: item) != nil {
                    isCompacted = true
                    called = []
                }
            }
            missing.subtract(called)
            if isCompacted { break }
        }
        return missing
    }
}
