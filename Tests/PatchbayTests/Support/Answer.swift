/// What a client got for a request.
struct Answer {
    var status: Int
    var headers: [String: String]
    /// The body, or the response of the stream's last event.
    var json: JSON
    /// Empty where the answer wasn't streamed.
    var events: [SSEEvent] = []

    var id: String { json["id"]?.string ?? "(no id)" }
    var error: JSON { json["error"] ?? .null }

    /// All text that the model said.
    var text: String {
        (json["output"]?.elements ?? []).flatMap { $0["content"]?.elements ?? [] }.compactMap { $0["text"]?.string }
            .joined()
    }
}

extension ServerProcess {
    /// One request and its whole answer.
    func ask(
        _ method: String, _ path: String, body: [UInt8]? = nil, key: String? = nil, headers: [String: String] = [:]
    ) throws -> Answer {
        let connection = try HTTPConnection(self)
        var headers = headers
        if let key { headers["Authorization"] = "Bearer \(key)" }
        if body != nil && headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        try connection.send(method, path, headers: headers, body: body)
        let head = try connection.readHead()
        guard head.headers["content-type"]?.hasPrefix("text/event-stream") == true else {
            let bytes = try connection.readWholeBody()
            return Answer(status: head.status, headers: head.headers, json: bytes.isEmpty ? .null : try JSON(bytes))
        }
        let events = try EventReader(connection).all()
        let final = try StreamRules.check(events)
        return Answer(status: head.status, headers: head.headers, json: final, events: events)
    }

    func get(_ path: String, key: String? = nil) throws -> Answer {
        try ask("GET", path, key: key)
    }

    func delete(_ path: String, key: String? = nil) throws -> Answer {
        try ask("DELETE", path, key: key)
    }

    /// A turn of the model, streamed or not. A streamed one is held to the rules of streams.
    func respond(
        _ model: String, _ input: JSON, after previous: String? = nil, streamed: Bool = false, key: String? = nil,
        _ fields: JSON = [:]
    ) throws -> Answer {
        var body = fields
        body["model"] = .string(model)
        body["input"] = input
        if let previous { body["previous_response_id"] = .string(previous) }
        if streamed { body["stream"] = true }
        return try ask("POST", "/v1/responses", body: Array(body.text.utf8), key: key)
    }

    /// Begins a streamed turn whose events the test reads itself.
    func open(_ model: String, _ input: JSON, receiveBuffer: Int? = nil, _ fields: JSON = [:]) throws -> EventReader {
        var body = fields
        body["model"] = .string(model)
        body["input"] = input
        body["stream"] = true
        let connection = try HTTPConnection(self, receiveBuffer: receiveBuffer)
        try connection.send(
            "POST", "/v1/responses", headers: ["Content-Type": "application/json"], body: Array(body.text.utf8))
        let head = try connection.readHead()
        guard head.status == 200 else { throw TestFailure("status \(head.status)") }
        return EventReader(connection)
    }
}
