/// An event of a stream.
struct SSEEvent: Sendable {
    var name: String
    var data: String
    var json: JSON
}

/// Reads a body of server-sent events one by one. A field or a frame that the client of OpenAI wouldn't expect is an
/// error.
final class EventReader {
    let connection: HTTPConnection
    private var text: [UInt8] = []
    /// Everything before this was given out.
    private var at = 0
    /// There is no end of an event before this.
    private var searched = 0
    private(set) var comments = 0

    init(_ connection: HTTPConnection) {
        self.connection = connection
    }

    /// The next event; nil at the end of the body.
    func next() throws -> SSEEvent? {
        while true {
            if let event = try take() { return event }
            guard let bytes = try connection.readBody() else {
                guard at == text.count else { throw TestFailure("the stream ended in the middle of an event") }
                return nil
            }
            if at > 0 {
                text.removeSubrange(..<at)
                searched = max(0, searched - at)
                at = 0
            }
            text += bytes
        }
    }

    func all() throws -> [SSEEvent] {
        var events: [SSEEvent] = []
        while let event = try next() { events.append(event) }
        return events
    }

    private func take() throws -> SSEEvent? {
        while let end = frameEnd() {
            guard let frame = String(validating: text[at..<end], as: UTF8.self) else {
                throw TestFailure("an event that is no UTF-8")
            }
            at = end + 2
            searched = at
            let lines = frame.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.allSatisfy({ $0.hasPrefix(":") }) {
                comments += 1
                continue
            }
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: ") else {
                throw TestFailure("a frame that isn't an event and its data: \(frame)")
            }
            let data = String(lines[1].dropFirst(6))
            return SSEEvent(name: String(lines[0].dropFirst(7)), data: data, json: try JSON(data))
        }
        return nil
    }

    /// Where the next frame ends, if all of it is here.
    private func frameEnd() -> Int? {
        while let end = text[max(searched, at)...].firstIndex(of: 10) {
            guard end + 1 < text.count else { break }
            searched = end + 1
            if text[end + 1] == 10 { return end }
        }
        return nil
    }
}
