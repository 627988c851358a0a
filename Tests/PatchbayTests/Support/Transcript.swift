import Foundation

/// A stream as it is kept in Fixtures/*.sse: ids numbered by their first appearance, times as 0, everything else as
/// it was sent.
enum Transcript {
    static func normalised(_ events: [SSEEvent]) -> String {
        var text = events.map { "event: \($0.name)\ndata: \($0.data)\n\n" }.joined()
        var names: [String: String] = [:]
        var counts: [String: Int] = [:]
        let ids = try? NSRegularExpression(pattern: #"\b(resp|msg|rs|fc|fco|item|call)_(?!scripted)[A-Za-z0-9_-]{16,}"#)
        let range = NSRange(text.startIndex..., in: text)
        for match in ids?.matches(in: text, range: range) ?? [] {
            guard let place = Range(match.range, in: text) else { continue }
            let id = String(text[place])
            guard names[id] == nil else { continue }
            let prefix = String(id.prefix { $0 != "_" })
            counts[prefix, default: 0] += 1
            names[id] = "\(prefix)_\(counts[prefix] ?? 0)"
        }
        for (id, name) in names { text = text.replacingOccurrences(of: id, with: name) }
        return text.replacingOccurrences(
            of: #""(created_at|completed_at)":\d+"#, with: "\"$1\":0", options: .regularExpression)
    }

    /// The kept transcript of this name. With PATCHBAY_UPDATE_FIXTURES set, it becomes what is given (read the
    /// difference before you commit it).
    static func kept(_ name: String, becoming text: String) throws -> String {
        let file = Product.fixtures + "/\(name).sse"
        if ProcessInfo.processInfo.environment["PATCHBAY_UPDATE_FIXTURES"] != nil {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        }
        return try String(contentsOfFile: file, encoding: .utf8)
    }
}
