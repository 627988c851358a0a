import Foundation

extension ServerProcess {
    /// A turn of the background, acknowledged.
    func begin(_ model: String, _ input: JSON, key: String? = nil, _ fields: JSON = [:]) throws -> Answer {
        var fields = fields
        fields["background"] = true
        let answer = try respond(model, input, key: key, fields)
        guard answer.status == 200, ["queued", "in_progress"].contains(answer.json["status"]) else {
            throw TestFailure("not begun: \(answer.status) \(answer.json.text)")
        }
        return answer
    }

    func cancel(_ id: String, key: String? = nil) throws -> Answer {
        try ask("POST", "/v1/responses/\(id)/cancel", body: Array("{}".utf8), key: key)
    }

    /// Asks for a response until it is so.
    @discardableResult
    func poll(_ id: String, seconds: Double = 60, until isSo: (Answer) -> Bool) throws -> Answer {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            let answer = try get("/v1/responses/\(id)")
            if isSo(answer) { return answer }
            guard Date() < deadline else {
                throw TestFailure("still \(answer.status) \(answer.json.text)\n\(log.text)")
            }
        }
    }

    /// The response, once it has ended.
    func ended(_ id: String) throws -> Answer {
        try poll(id) { !["queued", "in_progress"].contains($0.json["status"]) }
    }

    /// The stream of a response, after the event of this number.
    func resume(_ id: String, after number: Int? = nil) throws -> EventReader {
        let connection = try HTTPConnection(self)
        try connection.send(
            "GET", "/v1/responses/\(id)?stream=true" + (number.map { "&starting_after=\($0)" } ?? ""))
        let head = try connection.readHead()
        guard head.status == 200, head.headers["content-type"]?.hasPrefix("text/event-stream") == true else {
            throw TestFailure(
                "no stream: \(head.status) \(String(decoding: try connection.readWholeBody(), as: UTF8.self))")
        }
        return EventReader(connection)
    }
}

extension EventReader {
    /// The events up to the first that is so, that one included.
    func read(until isSo: (SSEEvent) -> Bool) throws -> [SSEEvent] {
        var events: [SSEEvent] = []
        while let event = try next() {
            events.append(event)
            if isSo(event) { return events }
        }
        throw TestFailure("the stream ended before: \(events.map(\.name))")
    }
}

extension [SSEEvent] {
    /// What a client sees, to the byte.
    var frames: [String] { map { "event: \($0.name)\ndata: \($0.data)" } }
}
