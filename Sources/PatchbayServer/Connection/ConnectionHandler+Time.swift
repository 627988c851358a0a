import NIOCore

/// What happens when something takes too long.
extension ConnectionHandler: NIOScheduledCallbackHandler {
    func setDeadline(_ time: TimeAmount) {
        guard let context else { return }
        deadline.set(.now() + time, on: context.eventLoop.assumeIsolated(), handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard deadline.timerFired(on: eventLoop.assumeIsolated(), handler: self) else { return }
        switch phase {
        case .idle, .closing: checkReader()
        case .receiving: refuse(.requestTimeout)
        case .running where !isWritable: checkReader()
        case .running:
            guard let job, job.progress == .streaming else { return }
            writeComment(of: job)
            setDeadline(server.configuration.sseCommentInterval)
        case .lingering: abort()
        case .closed: break
        }
    }

    /// A connection on which nothing moves is closed. One whose client still takes what waits for it, however slowly,
    /// is not.
    private func checkReader() {
        guard let context else { return }
        let pending = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard pending > 0, pending < pendingBytes else { return abort() }
        pendingBytes = pending
        setDeadline(server.configuration.writeTimeout)
    }
}
