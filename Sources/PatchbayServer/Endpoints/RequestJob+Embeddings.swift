import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

extension RequestJob {
    /// Numbers that are written in a row: about a millisecond of the event loop, which has others to serve.
    private static var numbersInARow: Int { 1 << 15 }

    func answerEmbeddings() {
        let format = server.formats.embeddings
        perform(reading: format.read) { read, job, gateway throws(GatewayError) in
            let (request, options) = read
            do throws(GatewayError) {
                let embeddings = try await gateway.embed(request, in: job.exchange)
                var body = format.makeBody(of: embeddings, model: request.model, options)
                while !body.write(numbers: Self.numbersInARow) {
                    if job.exchange.cancelled == .clientGone { return }
                    await Task.yield()
                }
                job.answer(Answer(.ok, body: body.take()))
            } catch {
                throw format.localised(error, options)
            }
        }
    }
}
