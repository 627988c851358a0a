import Foundation

/// The lines that a process writes to standard error, as they come, for whoever waits for one.
final class Log: @unchecked Sendable {
    private let condition = NSCondition()
    private var lines: [String] = []
    private var rest: [UInt8] = []
    private var isClosed = false

    func receive(_ data: Data) {
        condition.lock()
        defer { condition.unlock() }
        if data.isEmpty { isClosed = true }
        rest += data
        while let end = rest.firstIndex(of: 10) {
            lines.append(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeSubrange(...end)
        }
        condition.broadcast()
    }

    var text: String {
        condition.lock()
        defer { condition.unlock() }
        return lines.joined(separator: "\n")
    }

    /// The number of lines so far: a place to wait from.
    var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return lines.count
    }

    /// The first line after the first `start` ones that this finds something in. Throws at the deadline, and when the
    /// process has ended without it.
    func wait<Found>(_ what: String, from start: Int = 0, seconds: Double = 30, _ find: (String) -> Found?) throws
        -> Found
    {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        var next = start
        while true {
            while next < lines.count {
                if let found = find(lines[next]) { return found }
                next += 1
            }
            guard !isClosed else {
                throw TestFailure("the process ended before it said: \(what)\n" + lines.joined(separator: "\n"))
            }
            guard condition.wait(until: deadline) else {
                throw TestFailure("waited \(seconds) s for the log to say: \(what)\n" + lines.joined(separator: "\n"))
            }
        }
    }
}
