import NIOCore
import NIOHTTP1
import PatchbayLifecycle

/// The answers' bytes.
extension ConnectionHandler {
    func writeContinue() {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 32)
        buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func write(_ answer: Answer, of job: RequestJob) {
        guard job === self.job, let context else { return }
        let closes = job.closes || isDraining || phase == .receiving
        let bodyBytes = job.method == .HEAD ? 0 : answer.body.count
        var buffer = context.channel.allocator.buffer(capacity: ByteBuffer.headCapacity + bodyBytes)
        buffer.writeHead(answer, requestID: job.exchange.id, framing: .length(answer.body.count), closes: closes)
        if bodyBytes > 0 { buffer.writeBytes(answer.body) }
        job.bytesSent = bodyBytes
        writeLast(buffer, closes: closes)
    }

    func writeStream(_ bytes: [UInt8], isFirst: Bool, isLast: Bool, of job: RequestJob) {
        guard job === self.job, let context else { return }
        if isFirst, isDraining { job.closes = true }
        let capacity = bytes.count + 32 + (isFirst ? ByteBuffer.headCapacity : 0)
        var buffer = context.channel.allocator.buffer(capacity: capacity)
        if isFirst {
            buffer.writeStreamHead(
                requestID: job.exchange.id, framing: job.knowsChunks ? .chunks : .untilClose, closes: job.closes)
        }
        buffer.writeChunk(bytes, framed: job.knowsChunks)
        job.bytesSent += bytes.count
        if isLast {
            if job.knowsChunks { buffer.writeStaticString("0\r\n\r\n") }
            writeLast(buffer, closes: job.closes || isDraining)
        } else {
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            if isWritable { setDeadline(server.configuration.sseCommentInterval) }
        }
    }

    /// Shows that the stream is alive.
    func writeComment(of job: RequestJob) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 32)
        buffer.writeChunk(Array(": keep-alive\n\n".utf8), framed: job.knowsChunks)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// Writes an answer's last bytes; then comes the next request, or the connection's end.
    private func writeLast(_ buffer: ByteBuffer, closes: Bool) {
        guard let context else { return }
        job = nil
        if closes {
            phase = .closing
            waiting.removeAll()
            pendingBytes = Int.max
            setDeadline(server.configuration.writeTimeout)
            context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { [self] result in
                guard phase == .closing, case .success = result else { return abort() }
                linger()
            }
        } else {
            phase = .idle
            setDeadline(server.configuration.keepAliveTimeout)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
        advance()
    }

    /// Ends the sending and lets the client end its own: closing at once would reset the connection while the client
    /// still sends, and the answer could be lost on its way.
    private func linger() {
        guard let context else { return }
        phase = .lingering
        setDeadline(server.configuration.lingerTimeout)
        context.close(mode: .output, promise: nil)
    }
}

extension ByteBuffer {
    /// Writes one piece of a body.
    fileprivate mutating func writeChunk(_ bytes: [UInt8], framed: Bool) {
        guard !bytes.isEmpty else { return }
        if framed {
            writeString(String(bytes.count, radix: 16))
            writeStaticString("\r\n")
        }
        writeBytes(bytes)
        if framed { writeStaticString("\r\n") }
    }
}
