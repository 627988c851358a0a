import Foundation

/// An upstream on loopback that answers each connection as a test says, byte by byte if it likes, and keeps what it
/// was asked.
final class ScriptedUpstream: @unchecked Sendable {
    /// What is done with a connection whose request was read. The connection is closed when it returns.
    typealias Script = @Sendable (_ connection: Socket, _ request: String) throws -> Void

    let port: Int
    private let listener: Int32
    private let condition = NSCondition()
    private var script: Script = { _, _ in }
    private var asked: [String] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = Socket.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw TestFailure("bind: errno \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [weak self] in
            while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
                let connection = Socket(accepted: descriptor)
                guard let self else { return }
                Thread { try? self.serve(connection) }.start()
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Every request so far, head and body.
    var requests: [String] {
        condition.lock()
        defer { condition.unlock() }
        return asked
    }

    /// From now on connections are answered so.
    func answer(_ script: @escaping @Sendable (Socket) throws -> Void) {
        reply { connection, _ in try script(connection) }
    }

    /// From now on connections are answered with this stream of events or, where none was asked for, with this whole
    /// body.
    func answer(_ events: [String], whole: String) {
        reply { connection, request in
            let isStream = request.contains("\"stream\":true")
            try connection.send(isStream ? Self.streamHead + Self.events(events) : Self.reply("200 OK", body: whole))
        }
    }

    func reply(_ script: @escaping Script) {
        condition.lock()
        defer { condition.unlock() }
        self.script = script
    }

    private func serve(_ connection: Socket) throws {
        var bytes: [UInt8] = []
        while !Self.isWhole(bytes) {
            let more = try connection.receive()
            guard !more.isEmpty else { return }
            bytes += more
        }
        condition.lock()
        let request = String(decoding: bytes, as: UTF8.self)
        asked.append(request)
        let script = script
        condition.unlock()
        try script(connection, request)
        connection.close()
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length =
            text[..<end.lowerBound].lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
        return text[end.upperBound...].utf8.count >= length
    }

    /// A reply with a length, and the connection closed after it.
    static func reply(_ status: String, headers: String = "", body: String) -> [UInt8] {
        Array(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                .utf8)
    }

    /// The head of a stream that ends with the connection.
    static let streamHead = Array(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".utf8)

    /// Events as a chat completions upstream sends them, each of these its data.
    static func events(_ data: [String]) -> [UInt8] {
        Array(data.map { "data: \($0)\n\n" }.joined().utf8)
    }
}
