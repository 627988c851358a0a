import NIOCore
import NIOSSL
import PatchbayUpstream
import Testing

@Suite(.enabled(if: TestAuthority.isAvailable, "the openssl command makes the certificates"))
final class TLSTests {
    let authority: TestAuthority

    init() throws {
        authority = try TestAuthority()
    }

    deinit {
        authority.remove()
    }

    private func trusting() -> Harness {
        let file = authority.certificateFile
        return Harness { $0.additionalTrustRoots = [file] }
    }

    @Test("https works with an added authority, by name and by address, on one connection each")
    func works() async throws {
        let server = try await TestServer.start(tls: authority.server(for: "DNS:localhost,IP:127.0.0.1")) {
            request, peer in
            peer.reply("\(request.number)")
        }
        let harness = trusting()
        try await harness.client.prepareTLS(on: harness.loop).get()
        for host in ["localhost", "127.0.0.1"] {
            for number in 1...3 {
                let reply = try await harness.get("https://\(host):\(server.port)/")
                #expect(reply.text == "\(number)")
                #expect(reply.outcome?.reason == .ok)
            }
        }
        #expect(server.accepted == 2)
        #expect(server.requests.first?.header("host") == "localhost:\(server.port)")
        try await server.stop()
    }

    @Test("a certificate that nobody trusts, or for another name, ends the call before anything is sent")
    func distrust() async throws {
        let server = try await TestServer.start(tls: authority.server(for: "DNS:other.test")) { _, peer in
            peer.reply("")
        }
        for harness in [Harness(), trusting()] {
            let outcome = try await harness.get("https://localhost:\(server.port)/").outcome
            guard case .tls = outcome?.reason else {
                Issue.record("\(String(describing: outcome))")
                continue
            }
            #expect(outcome?.requestSent == false)
        }
        #expect(server.requests.isEmpty)
        try await server.stop()
    }

    @Test("a server that speaks no TLS, and one that says nothing, end the call as what they are")
    func noTLS() async throws {
        let server = try await TestServer.start { _, _ in }
        let harness = Harness()
        try await harness.client.prepareTLS(on: harness.loop).get()
        let silent = try await harness.get("https://127.0.0.1:\(server.port)/") {
            $0.timeouts.connect = .milliseconds(50)
        }
        #expect(silent.outcome == UpstreamOutcome(.timeout(.connect), requestSent: false))
        await server.wait(for: .closed(1))
        try await server.stop()
        // What answers a request that is no HTTP either, once it has come: here the handshake's first bytes.
        let plainServer = try await TestServer.start(onBytes: "HTTP/1.1 400 Bad Request\r\n\r\n") { _, _ in }
        let plain = try await harness.get("https://127.0.0.1:\(plainServer.port)/").outcome
        guard case .tls = plain?.reason else {
            Issue.record("\(String(describing: plain))")
            return
        }
        try await plainServer.stop()
    }

    @Test("an authority that can't be read is the call's error, and names the file")
    func noAuthority() async throws {
        let harness = Harness { $0.additionalTrustRoots = ["/no/such/ca.pem"] }
        let outcome = try await harness.get("https://127.0.0.1:1/").outcome
        guard case .tls(let message) = outcome?.reason else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(message.hasPrefix("the trusted certificates in /no/such/ca.pem can't be read: "))
    }
}
