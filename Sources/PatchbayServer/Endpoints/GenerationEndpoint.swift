import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// A door for requests for answers. Erased for the table of paths; within, everything is generic over the format.
protocol GenerationEndpoint: Sendable {
    var path: String { get }
    /// The Responses API alone has a WebSocket mode.
    var takesWebSockets: Bool { get }
    /// Chat Completions alone lists here what is kept.
    var listsKept: Bool { get }

    /// Answers `job`, whose body is whole. On the job's strand; returns at once.
    func start(_ job: RequestJob)

    /// An error in the format's own shape.
    func body(of error: GatewayError) -> [UInt8]
}

/// The one handler of all formats: reads the request, has it answered, and writes the answer, whole or as a stream.
struct FormatEndpoint<Format: WireFormat>: GenerationEndpoint {
    let path: String
    let format: Format
    var takesWebSockets = false
    var listsKept = false

    func start(_ job: RequestJob) {
        let (request, options): (Request, Format.Options)
        do throws(GatewayError) {
            (request, options) = try format.read(job.takeBody())
        } catch {
            return job.fail(error)
        }
        let choices = format.choices(options)
        if request.stream { job.open(EventStream(job: job, encoder: format.makeEncoder(options))) }
        job.perform { [format] job, gateway throws(GatewayError) in
            do throws(GatewayError) {
                if request.stream {
                    guard let sink = job.sink else { return }  // the client has gone already
                    if choices > 1 {
                        try await gateway.stream(request, choices: choices, in: job.exchange, to: sink)
                    } else {
                        try await gateway.stream(request, in: job.exchange, to: sink)
                    }
                    job.streamReturned()
                } else if choices > 1 {
                    let answers = try await gateway.respond(to: request, choices: choices, in: job.exchange)
                    job.answer(Answer(.ok, body: format.body(of: answers, options)))
                } else {
                    let response = try await gateway.respond(to: request, in: job.exchange)
                    job.answer(Answer(.ok, body: format.body(of: response, options)))
                }
            } catch {
                throw format.localised(error, options)
            }
        }
    }

    func body(of error: GatewayError) -> [UInt8] {
        format.body(of: error)
    }
}
