import Logging
package import PatchbayModel

/// The request's life, written once for all formats: load history -> route -> provider -> events -> persist -> complete.
///
/// Its functions are to be called from a task that runs on the exchange's strand (the event loop as task executor).
package final class Gateway: Sendable {
    /// The configured models, in the order of the configuration, patterns left out.
    package var models: [ModelListing] { [] }

    init() {}

    /// Answers a request, not streamed.
    package func respond(to request: Request, in exchange: Exchange) async throws(GatewayError) -> Response {
        throw GatewayError(.internal, "")
    }

    /// Answers a request as a stream. Throws only while nothing has been sent; from the first event on it ends with exactly one terminal
    /// event. Returns when the terminal event has been given to the sink.
    package func stream(_ request: Request, in exchange: Exchange, to sink: any ResponseSink) async throws(GatewayError) {
        throw GatewayError(.internal, "")
    }

    /// A stored response. Throws `.notFound` for one that isn't there or is somebody else's.
    package func response(_ id: String, owner: String) async throws(GatewayError) -> Response {
        throw GatewayError(.internal, "")
    }

    /// Deletes a stored response.
    package func deleteResponse(_ id: String, owner: String) async throws(GatewayError) {}

    /// A page of a stored response's input: what the model was given, history included, without the answer.
    package func inputItems(of id: String, owner: String, page: PageQuery) async throws(GatewayError) -> ItemPage {
        throw GatewayError(.internal, "")
    }
}
