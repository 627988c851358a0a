import PatchbayJSON
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
        guard let last = records.last else { return nil }
        var lines = TurnLines(last)
        while let line = try lines.next() {
            if line.tag == .header { return try TurnHeader(line.json).response.status }
        }
        throw TurnLines.damaged("no header")
    }

    /// Writes all items, without ids and without reading them, as elements of the array that the writer is in.
    func write(to json: inout JSONWriter) throws(GatewayError) {
        for record in records {
            var lines = TurnLines(record)
            while let line = try lines.next() {
                if line.tag != .header { json.raw(line.json) }
            }
        }
    }

    /// All items with their ids, in order.
    func items() throws(GatewayError) -> [Item] {
        var items: [Item] = []
        for record in records {
            var lines = TurnLines(record)
            while let line = try lines.next() {
                if line.tag != .header { items.append(try line.item()) }
            }
        }
        return items
    }

    /// The lines of all items, in order, their JSON unread.
    func lines() throws(GatewayError) -> [TurnLines.Line] {
        var all: [TurnLines.Line] = []
        for record in records {
            var lines = TurnLines(record)
            while let line = try lines.next() {
                if line.tag != .header { all.append(line) }
            }
        }
        return all
    }

    /// The calls among `callIDs` that the history has no function call for. Reads from the newest turn backwards, as
    /// far as it must.
    func missingCalls(_ callIDs: Set<String>) throws(GatewayError) -> Set<String> {
        var missing = callIDs
        for record in records.reversed() where !missing.isEmpty {
            var lines = TurnLines(record)
            while let line = try lines.next() {
                guard line.tag != .header else { continue }
                let item = try line.item()
                if item.kind == .functionCall, let id = item.callID { missing.remove(id) }
            }
        }
        return missing
    }
}
