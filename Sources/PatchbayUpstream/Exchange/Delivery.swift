import NIOCore

/// What of a call's reply is still to be told to its delegate, in order.
struct Delivery {
    enum Piece {
        case head(UpstreamHead)
        case body(ByteBuffer)
        /// The reply is whole.
        case end
        /// The connection was lost before.
        case lost(UpstreamOutcome.Reason)
    }

    var isPaused = false
    /// A turn of the loop is booked for what is left.
    var isBooked = false
    /// How the call ended; told after everything that is left, or at once when that was dropped.
    var outcome: UpstreamOutcome?

    private(set) var wasDropped = false
    private(set) var framing = UpstreamFraming.bytes
    private(set) var bodyBytes = 0
    private var pieces: [Piece] = []
    private var nextPiece = 0
    private var sse: SSEDecoder?
    private var ndjson: NDJSONDecoder?
    private var mayHaveEvent = false

    mutating func begin(_ framing: UpstreamFraming, _ limits: UpstreamLimits) {
        self.framing = framing
        switch framing {
        case .bytes: break
        case .sse: sse = SSEDecoder(maxEventBytes: limits.maxEventBytes)
        case .ndjson: ndjson = NDJSONDecoder(maxLineBytes: limits.maxEventBytes)
        }
    }

    /// Nothing is left and nothing is in the way: a new piece can be told at once.
    var canDeliver: Bool { !isPaused && !mayHaveEvent && nextPiece == pieces.count && outcome == nil }

    mutating func add(_ piece: Piece) {
        pieces.append(piece)
    }

    mutating func popPiece() -> Piece? {
        guard nextPiece < pieces.count else { return nil }
        let piece = pieces[nextPiece]
        nextPiece += 1
        if nextPiece == pieces.count {
            pieces.removeAll(keepingCapacity: nextPiece <= 16)
            nextPiece = 0
        }
        return piece
    }

    /// Forgets all that is not told; only the outcome is left, which a pause does not hold.
    mutating func drop() {
        wasDropped = true
        pieces = []
        nextPiece = 0
        sse = nil
        ndjson = nil
        mayHaveEvent = false
    }

    /// Counts bytes that are told as `data`.
    mutating func count(_ bytes: Int) -> Int {
        bodyBytes += bytes
        return bodyBytes
    }

    mutating func decode(_ bytes: ByteBuffer) {
        sse?.append(bytes)
        ndjson?.append(bytes)
        mayHaveEvent = true
    }

    mutating func nextEvent() throws(FramingLimitError) -> SSEEvent? {
        guard mayHaveEvent else { return nil }
        let event: SSEEvent? = sse != nil ? try sse?.next() : try ndjson?.next()
        if event == nil { mayHaveEvent = false }
        return event
    }

    /// The event that the end of the body ends, if its framing has such.
    mutating func lastEvent() throws(FramingLimitError) -> SSEEvent? {
        try ndjson?.finish()
    }

    var endsInsideEvent: Bool { sse?.endsInsideEvent ?? false }
}
