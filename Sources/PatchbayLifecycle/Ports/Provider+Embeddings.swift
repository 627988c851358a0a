import NIOCore
import PatchbayModel

extension Provider {
    package var maxInputs: Int? { nil }

    package func embed(_ request: VectorRequest, on strand: any EventLoop, receiver: any VectorReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        throw GatewayError(.invalidRequest, "The model '\(request.body.model)' makes no embeddings.", code: "unsupported")
    }
}

/// What a provider is asked to turn into vectors.
package struct VectorRequest: Sendable {
    /// Its `body`: one JSON object as patchbay.h has it under `pbay_embeddings.begin`. Never streamed, without a
    /// conversation.
    package var body: ProviderRequest
    /// How many inputs the body holds: at least 1, at most the provider's `maxInputs`.
    package var inputs: Int
    /// The most numbers that one vector may have.
    package var maxDimensions: Int

    package init(body: ProviderRequest, inputs: Int, maxDimensions: Int) {
        self.body = body
        self.inputs = inputs
        self.maxDimensions = maxDimensions
    }
}

/// Who is given a call's vectors. Called on the strand alone, never from inside a call that it makes to the provider.
package protocol VectorReceiver: AnyObject {
    /// The call has ended; exactly once, nothing follows. The vectors are all finite, one for each input and in the
    /// order of the inputs. `usage`: what is known of the token counts.
    func end(_ result: Result<Vectors, GatewayError>, usage: Usage?)
}
