import NIOCore
import NIOHTTP1
import PatchbayLifecycle
import PatchbayModel

/// From a request's parts to its job.
extension ConnectionHandler {
    func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            begin(head)
        case .body(let piece):
            guard phase == .receiving, let job, !job.receive(piece) else { return }
            job.closes = true
            job.fail(tooLarge)
        case .end:
            guard phase == .receiving, let job else { return }
            phase = .running
            if let refusal = job.refusal {
                job.fail(refusal)
            } else if let handshake {
                self.handshake = nil
                upgrade(job, by: handshake)
            } else {
                deadline.clear()
                job.isStarted = true
                job.start()
            }
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        guard let context else { return }
        var endpoint: Endpoint?
        var owner = "-"
        var query: Substring = ""
        var headers: RequestHeaders?
        var refusal: GatewayError?
        handshake = nil
        do throws(GatewayError) {
            let found = try RequestHeaders(head)
            headers = found
            guard let target = RequestTarget(head.uri) else {
                throw GatewayError.invalid("The request's URL isn't understood.", param: nil, code: "invalid_url")
            }
            query = target.query
            let place = try server.endpoints.endpoint(target.path)
            endpoint = place
            if place.needsKey {
                owner = try server.keys.owner(authorization: found.authorization, apiKey: found.apiKey)
            }
            if place.takesWebSockets { handshake = WebSocketHandshake(head, found) }
            if handshake == nil { try check(head.method, at: place, found) }
        } catch {
            refusal = error
        }

        let job = RequestJob(
            endpoint: endpoint, head: head, query: query,
            exchange: Exchange(id: Identifier.request(), owner: owner, strand: context.eventLoop), connection: self,
            server: server)
        job.knowsAnthropic = headers?.knowsAnthropic ?? false
        self.job = job
        phase = .receiving
        if headers?.asksForUpgrade ?? true || head.method == .CONNECT { job.closes = true }
        if let refusal {
            // A body that nobody wants isn't waited for.
            if headers?.hasBody ?? true {
                job.closes = true
                job.fail(refusal)
            } else {
                job.refusal = refusal
            }
        } else if headers?.hasBody ?? false {
            setDeadline(server.configuration.requestTimeout)
            if headers?.expectsContinue ?? false { writeContinue() }
        }
    }

    private func check(_ method: HTTPMethod, at endpoint: Endpoint, _ headers: RequestHeaders) throws(GatewayError) {
        guard endpoint.allows(method) else {
            throw GatewayError(
                .methodNotAllowed, "This path takes only \(endpoint.allow).", code: "method_not_allowed")
        }
        guard headers.contentLength ?? 0 <= server.configuration.bodyLimit else { throw tooLarge }
        switch endpoint.body(of: method) {
        case .required where !headers.hasBody:
            throw GatewayError.invalid("The request has no body. It must be a JSON object.", param: nil)
        case .required, .optional:
            if headers.hasBody { try headers.checkContentType() }
        case .ignored: break
        }
    }

    /// Refuses what is no request, with the connection's last answer.
    func refuse(_ status: HTTPStatus) {
        switch status {
        case .headersTooLarge:
            let limit = server.configuration.headerLimit
            refuse(
                .invalid(
                    "The request's headers are too large: at most \(limit) bytes and \(server.configuration.headerCount) headers.",
                    param: nil, code: "headers_too_large"), as: status)
        case .requestTimeout:
            refuse(
                GatewayError(.timeout, "The request didn't come whole in time.", code: "request_timeout"), as: status)
        default:
            refuse(.invalid("This is no HTTP/1.1 request.", param: nil, code: "invalid_http_request"), as: status)
        }
    }

    func refuse(_ error: GatewayError, as status: HTTPStatus? = nil) {
        guard let context else { return }
        let job =
            self.job
            ?? RequestJob(
                endpoint: nil, head: nil, query: "",
                exchange: Exchange(id: Identifier.request(), owner: "-", strand: context.eventLoop), connection: self,
                server: server)
        self.job = job
        job.closes = true
        job.fail(error, as: status)
    }

    private var tooLarge: GatewayError {
        GatewayError(
            .tooLarge, "The request's body is larger than this server takes: \(server.configuration.bodyLimit) bytes.",
            code: "request_too_large")
    }
}
