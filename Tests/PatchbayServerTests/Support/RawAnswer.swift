/// An answer as it came over the wire.
struct RawAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: String

    /// Takes a whole answer from the front of `bytes`; nil if it isn't whole yet.
    static func take(from bytes: inout [UInt8], hasBody: Bool = true) -> RawAnswer? {
        guard let (head, bodyStart) = takeHead(from: bytes) else { return nil }
        var answer = head
        if !hasBody {
            bytes.removeFirst(bodyStart)
            return answer
        }
        if head.headers["transfer-encoding"] == "chunked" {
            var rest = bytes[bodyStart...]
            var body: [UInt8] = []
            while let piece = takeChunk(from: &rest) {
                if piece.isEmpty {
                    answer.body = String(decoding: body, as: UTF8.self)
                    bytes.removeFirst(rest.startIndex)
                    return answer
                }
                body.append(contentsOf: piece)
            }
            return nil
        }
        let length = Int(head.headers["content-length"] ?? "0") ?? 0
        guard bytes.count >= bodyStart + length else { return nil }
        answer.body = String(decoding: bytes[bodyStart..<bodyStart + length], as: UTF8.self)
        bytes.removeFirst(bodyStart + length)
        return answer
    }

    /// The head alone, nothing removed, and where the body starts.
    static func takeHead(from bytes: [UInt8]) -> (RawAnswer, Int)? {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
        }
        return (RawAnswer(status: status, headers: headers, body: ""), end + 4)
    }

    /// One chunk; empty for the last one. Nil if it isn't whole.
    private static func takeChunk(from bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let end = bytes.firstIndex(of: 13),
            let size = Int(String(decoding: bytes[..<end], as: UTF8.self), radix: 16),
            bytes.endIndex >= end + 2 + size + 2
        else { return nil }
        let start = end + 2
        defer { bytes = bytes[(start + size + 2)...] }
        return bytes[start..<start + size]
    }
}

extension RawClient {
    /// The next whole answer.
    func answer(hasBody: Bool = true) async throws -> RawAnswer {
        try await next { RawAnswer.take(from: &$0, hasBody: hasBody) }
    }

    /// Waits until `text` has come, and drops everything up to its end.
    func skip(past text: String) async throws {
        let wanted = Array(text.utf8)
        _ = try await next { (bytes: inout [UInt8]) -> Bool? in
            guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: wanted) }) else { return nil }
            bytes.removeFirst(start + wanted.count)
            return true
        }
    }
}
