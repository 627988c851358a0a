import NIOCore
import PatchbayFormats
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel

/// Where a request's one answer goes, or its several.
typealias AnswerStream = ResponseSink & ChoiceSink

/// A stream of server-sent events: encodes the lifecycle's events and writes them to the connection.
///
/// Events of one pass of the event loop leave together, one by itself at once: the write is the last thing that the
/// pass does.
final class EventStream<Encoder: EventEncoder>: AnswerStream {
    private let job: RequestJob
    private let loop: NIOIsolatedEventLoop
    private var encoder: Encoder
    /// Encoded and not yet written.
    private var json = JSONWriter()
    private var flushIsScheduled = false

    /// Written at once when so much has gathered, bytes.
    private let flushThreshold = 16 << 10
    /// A larger buffer isn't kept for the next events: there may be many streams that wait.
    private let keptCapacity = 2 << 10

    init(job: RequestJob, encoder: Encoder) {
        self.job = job
        self.encoder = encoder
        loop = job.exchange.strand.assumeIsolated()
    }

    func send(_ event: ResponseEvent) -> Demand {
        guard job.progress != .over else { return .more }
        encoder.encode(event, into: &json)
        if event.isTerminal {
            job.stream(json.bytes, isLast: true)
            return .more
        }
        return written()
    }

    func send(_ event: ResponseEvent, of choice: Int) -> Demand {
        guard job.progress != .over else { return .more }
        encoder.encode(event, of: choice, into: &json)
        return written()
    }

    func end(usage: Usage?) {
        encoder.encodeEnd(usage: usage, into: &json)
        job.stream(json.bytes, isLast: true)
    }

    func fail(_ error: GatewayError) {
        encoder.encode(.error(error), into: &json)
        end(usage: nil)
    }

    /// Something has been encoded.
    private func written() -> Demand {
        if json.bytes.count >= flushThreshold {
            flush()
        } else if !flushIsScheduled {
            flushIsScheduled = true
            loop.execute { [self] in
                flushIsScheduled = false
                flush()
            }
        }
        return job.connection.demand()
    }

    private func flush() {
        guard !json.bytes.isEmpty, job.progress != .over else { return }
        job.stream(json.bytes, isLast: false)
        if json.bytes.capacity > keptCapacity { json = JSONWriter() } else { json.reset() }
    }
}
