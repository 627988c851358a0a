import Glibc
import NIOCore
import NIOPosix

/// The server's end of a connection, for a script.
struct ServerPeer: Sendable {
    let channel: any Channel

    func send(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Writes one byte after the other, each on its own way through the kernel.
    func sendEachByte(_ text: String) {
        for byte in text.utf8 { channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil) }
    }

    func close() {
        channel.close(promise: nil)
    }

    /// Writes, then closes once that is on its way.
    func sendAndClose(_ text: String) {
        let channel = channel
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Closes with a TCP reset.
    func reset() {
        let channel = channel
        guard let options = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }

    func reply(_ body: String, status: String = "200 OK", headers: String = "") {
        send("HTTP/1.1 \(status)\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)")
    }
}
