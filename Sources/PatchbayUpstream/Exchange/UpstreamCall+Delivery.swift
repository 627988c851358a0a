import NIOCore

extension UpstreamCall {
    /// Tells a piece now, or when its turn comes.
    func take(_ piece: Delivery.Piece) {
        if delivery.canDeliver, !loopPool.isInCallout {
            tell(piece)
        } else {
            delivery.add(piece)
        }
        deliver()
    }

    /// Tells all that may be told now.
    func deliver() {
        if loopPool.isInCallout {
            deliverLater()
            return
        }
        while delegate != nil {
            if delivery.isPaused, !delivery.wasDropped { return }
            do {
                if let event = try delivery.nextEvent() {
                    tell { $0.upstream(event: event) }
                    continue
                }
            } catch {
                fail(.limit(.eventBytes))
                return
            }
            if let piece = delivery.popPiece() {
                tell(piece)
                continue
            }
            if let outcome = delivery.outcome {
                let delegate = delegate
                ended()
                loopPool.callout { delegate?.upstreamDone(outcome) }
            }
            return
        }
    }

    /// Books a turn of the loop: a delegate, or one who called a function of ours, is on the stack now.
    func deliverLater() {
        guard !delivery.isBooked else { return }
        delivery.isBooked = true
        loopPool.loop.assumeIsolated().execute {
            self.delivery.isBooked = false
            self.deliver()
            self.caughtUp()
        }
    }

    func tell(_ body: (any UpstreamDelegate) -> Void) {
        guard let delegate else { return }
        loopPool.callout { body(delegate) }
    }

    private func tell(_ piece: Delivery.Piece) {
        switch piece {
        case .head(let head):
            tell { $0.upstream(head: head) }
        case .body(let bytes) where delivery.framing == .bytes:
            if delivery.count(bytes.readableBytes) > limits.maxBodyBytes {
                fail(.limit(.bodyBytes))
            } else {
                tell { $0.upstream(data: bytes) }
            }
        case .body(let bytes):
            delivery.decode(bytes)
        case .end:
            tellEnd()
        case .lost(let reason):
            delivery.outcome = UpstreamOutcome(reason, requestSent: requestSent)
        }
    }

    private func tellEnd() {
        do {
            if let event = try delivery.lastEvent() { tell { $0.upstream(event: event) } }
        } catch {
            fail(.limit(.eventBytes))
            return
        }
        // The delegate may have cancelled just now.
        if delivery.outcome == nil {
            delivery.outcome = UpstreamOutcome(
                .ok, requestSent: requestSent, endedInsideEvent: delivery.endsInsideEvent)
        }
    }
}
