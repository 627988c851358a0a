/// A request as it came over the wire.
struct ServerRequest: Sendable {
    /// Which connection of the server, from 1.
    let connection: Int
    /// Which request of that connection, from 1.
    let number: Int
    /// Request line and headers, without the empty line.
    let head: String
    let body: String

    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}
