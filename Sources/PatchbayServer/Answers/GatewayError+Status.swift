import PatchbayModel

extension GatewayError {
    /// The HTTP status of an error that comes before anything was sent.
    var status: HTTPStatus {
        switch kind {
        case .invalidRequest: .badRequest
        case .unauthenticated: .unauthorized
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .tooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .rateLimited: .tooManyRequests
        case .overloaded: .serviceUnavailable
        case .provider: .badGateway
        case .timeout: .gatewayTimeout
        // Its client has gone, or the server is stopping: only in the second case somebody reads this.
        case .cancelled: .serviceUnavailable
        case .storage, .internal: .internalServerError
        }
    }
}
