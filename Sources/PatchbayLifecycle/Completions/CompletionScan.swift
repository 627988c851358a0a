import PatchbayJSON
import PatchbayModel

/// Looks through kept completions, which a store lists from the newest, for one page of them. Of a page from the oldest
/// these are the last that are found before its place.
struct CompletionScan {
    /// What is looked through for a page. From the newest the page ends there; from the oldest there is none.
    struct Bounds {
        var records = 10_000
        /// The first record may have more.
        var bytes = 64 << 20
    }

    private let query: CompletionQuery
    private let bounds: Bounds
    private var kept: [StoredRecord] = []
    private var looked = 0
    private var bytes = 0
    /// Some are left out of the page, on its far side.
    private var hasMore = false
    /// The last record that was looked at.
    private var last: String?
    /// The bound was met before the page was full.
    private var isCut = false
    /// The place that the page is after has been come to, or there is none to come to.
    private(set) var isAtPlace: Bool
    /// Nothing more is to be looked at.
    private(set) var isOver = false

    private var isFromOldest: Bool { query.page.order == .ascending }

    init(_ query: CompletionQuery, bounds: Bounds = Bounds()) {
        self.query = query
        self.bounds = bounds
        isAtPlace = query.page.order == .descending || query.page.after == nil
    }

    /// Throws `.invalidRequest` past the bound of a page from the oldest.
    mutating func look(at record: StoredRecord) throws(GatewayError) {
        guard !isOver else { return }
        if isFromOldest, record.id == query.page.after {
            (isAtPlace, isOver) = (true, true)
            return
        }
        if looked == bounds.records || bytes + record.byteCount > bounds.bytes && looked > 0 {
            guard !isFromOldest else { throw tooMany }
            (isCut, isOver, hasMore) = (true, true, true)
            return
        }
        looked += 1
        bytes += record.byteCount
        guard try matches(record) else {
            last = record.id
            return
        }
        guard isFromOldest || kept.count < query.page.limit else {
            (hasMore, isOver) = (true, true)
            return
        }
        last = record.id
        kept.append(record)
        if kept.count > query.page.limit {
            kept.removeFirst()
            hasMore = true
        }
    }

    /// Throws `.invalidRequest` where the bound was met and nothing was found: a page has something to go on after.
    func page() throws(GatewayError) -> CompletionPage {
        if isCut, kept.isEmpty, let last {
            let place = Identifier.chatCompletion(of: last)
            throw .invalid(
                "There is no such chat completion among the \(looked) that were looked through. Go on with 'after=\(place)'.",
                param: "after")
        }
        var responses: [Response] = []
        for record in isFromOldest ? kept.reversed() : kept {
            responses.append(try TurnRecord(decoding: record).response)
        }
        return CompletionPage(responses: responses, hasMore: hasMore, last: isCut ? last : responses.last?.id)
    }

    private var tooMany: GatewayError {
        .invalid(
            "There are too many chat completions to look through from the oldest: more than \(bounds.records), or than \(bounds.bytes) bytes of them. Ask with 'order=desc'.",
            param: "order")
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
