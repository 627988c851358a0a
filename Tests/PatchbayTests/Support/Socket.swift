import Foundation

/// A blocking TCP connection over loopback, with a time limit on each read and write.
final class Socket: @unchecked Sendable {
    private let descriptor: Int32
    private var isOpen = true
    private let lock = NSLock()

    /// Connects. `receiveBuffer`: bytes that the kernel may hold for a reader that doesn't read.
    init(port: Int, receiveBuffer: Int? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if let receiveBuffer { set(SO_RCVBUF, to: Int32(receiveBuffer)) }
        limitTime()
        var address = Socket.loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw TestFailure("connect: errno \(errno)") }
    }

    /// Takes over a connection that was accepted.
    init(accepted: Int32) {
        descriptor = accepted
        limitTime()
    }

    deinit {
        close()
    }

    static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func set(_ option: Int32, to value: Int32) {
        var value = value
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func limitTime() {
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    func send(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let sent = unsafe bytes[start...].withUnsafeBytes {
                unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 && errno == EINTR { continue }
            guard sent > 0 else { throw TestFailure("send: errno \(errno)") }
            start += sent
        }
    }

    /// What has come, at most `count` bytes; empty at the end of the connection. Throws at the time limit and for a
    /// connection that was reset.
    func receive(_ count: Int = 65536) throws -> [UInt8] {
        while true {
            var received = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
                received = unsafe recv(descriptor, buffer.baseAddress, count, 0)
                size = max(0, received)
            }
            if received < 0 && errno == EINTR { continue }
            guard received >= 0 else { throw TestFailure("recv: errno \(errno)") }
            return bytes
        }
    }

    func close() {
        lock.lock()
        defer { lock.unlock() }
        if isOpen { Foundation.close(descriptor) }
        isOpen = false
    }

    /// Closes with a reset: what the other side sends from now on fails at once.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
