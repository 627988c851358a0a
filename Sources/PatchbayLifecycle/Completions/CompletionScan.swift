import PatchbayJSON
import PatchbayModel

/// Looks through kept completions, which a store lists from the newest, for one page of them. Of a page from the oldest
/// these are the last that are found before its place.
struct CompletionScan {
    /// Completions that are looked at for a page, and the most bytes of those in it (but one may have more).
    static let maxLooked = 10_000
    private static let maxBytes = 64 << 20

    private let query: CompletionQuery
    private var kept: [StoredRecord] = []
    private var bytes = 0
    private var looked = 0
    /// Some are left out of the page, on its far side.
    private var hasMore = false
    /// The place that the page is after has been come to, or there is none to come to.
    private(set) var isAtPlace: Bool
    /// Nothing more is to be looked at.
    private(set) var isOver = false

    private var isFromOldest: Bool { query.page.order == .ascending }

    init(_ query: CompletionQuery) {
        self.query = query
        isAtPlace = query.page.order == .descending || query.page.after == nil
    }

    /// Throws `.invalidRequest` past the bound.
    mutating func look(at record: StoredRecord) throws(GatewayError) {
        guard !isOver else { return }
        if isFromOldest, record.id == query.page.after {
            (isAtPlace, isOver) = (true, true)
            return
        }
        looked += 1
        guard looked <= Self.maxLooked else {
            throw .invalid(
                "There are more than \(Self.maxLooked) chat completions to look through. Begin at the newest ('order=desc'), or 'after' one of them.",
                param: "order")
        }
        guard try matches(record) else { return }
        if isFromOldest {
            kept.append(record)
            bytes += record.byteCount
            while kept.count > query.page.limit || bytes > Self.maxBytes && kept.count > 1 {
                bytes -= kept.removeFirst().byteCount
                hasMore = true
            }
        } else if kept.count == query.page.limit || bytes + record.byteCount > Self.maxBytes && !kept.isEmpty {
            (hasMore, isOver) = (true, true)
        } else {
            kept.append(record)
            bytes += record.byteCount
        }
    }

    func page() throws(GatewayError) -> CompletionPage {
        var responses: [Response] = []
        for record in isFromOldest ? kept.reversed() : kept {
            responses.append(try TurnRecord(decoding: record).response)
        }
        return CompletionPage(responses: responses, hasMore: hasMore)
    }

    /// By the record's header alone. One that failed or is being made isn't a completion.
    private func matches(_ record: StoredRecord) throws(GatewayError) -> Bool {
        var lines = TurnLines(record)
        guard let line = try lines.next(), line.tag == .header else { throw TurnLines.damaged("no header") }
        let response = try TurnHeader(line.json).response
        guard response.status == .completed || response.status == .incomplete else { return false }
        if let model = query.model, model != response.model { return false }
        guard !query.metadata.isEmpty else { return true }
        let metadata = response.fields["metadata"].flatMap { try? JSONDocument.parse($0) }?.root
        return query.metadata.allSatisfy { metadata?[key: $0.key]?.string == $0.value }
    }
}
