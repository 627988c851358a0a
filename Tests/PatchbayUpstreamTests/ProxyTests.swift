import NIOCore
import NIOSSL
import Testing

@testable import PatchbayUpstream

@Suite struct ProxyTests {
    private func harness(_ environment: [String: String], trusting file: String? = nil) throws -> Harness {
        let proxies = try UpstreamProxies(environment: environment)
        return Harness {
            $0.proxies = proxies
            $0.additionalTrustRoots = file.map { [$0] } ?? []
        }
    }

    @Test("http goes to the proxy with its whole URL, all hosts on one connection")
    func forward() async throws {
        let proxy = try await TestServer.start { _, peer in peer.reply("by proxy") }
        let harness = try harness(["http_proxy": "http://me:p%40ss@127.0.0.1:\(proxy.port)/"])
        for host in ["one.test", "two.test:8080"] {
            #expect(try await harness.get("http://\(host)/x?y").text == "by proxy")
        }
        #expect(proxy.accepted == 1)
        let heads = proxy.requests.map(\.head)
        #expect(heads.first?.hasPrefix("GET http://one.test/x?y HTTP/1.1\r\n") == true)
        #expect(heads.last?.hasPrefix("GET http://two.test:8080/x?y HTTP/1.1\r\n") == true)
        #expect(proxy.requests.last?.header("host") == "two.test:8080")
        #expect(proxy.requests.last?.header("proxy-authorization") == "Basic bWU6cEBzcw==")
        try await proxy.stop()
    }

    @Test("https goes through a tunnel, whose requests show the proxy nothing", .enabled(if: TestAuthority.isAvailable))
    func tunnel() async throws {
        let authority = try TestAuthority()
        defer { authority.remove() }
        let tls = try authority.server(for: "DNS:upstream.test")
        // The proxy resolves the name, to itself: from its answer on it is the upstream.
        let proxy = try await TestServer.start { request, peer in
            guard request.head.hasPrefix("CONNECT") else { return peer.reply("\(request.number)") }
            peer.send("HTTP/1.1 200 Connection established\r\nx: y\r\n\r\n")
            do {
                try peer.channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
            } catch {
                peer.close()
            }
        }
        let harness = try harness(
            ["HTTPS_PROXY": "me:secret@127.0.0.1:\(proxy.port)"], trusting: authority.certificateFile)
        for number in 2...3 {
            #expect(try await harness.get("https://upstream.test/x").text == "\(number)")
        }
        #expect(proxy.accepted == 1)
        let heads = proxy.requests.map(\.head)
        #expect(
            heads.first == """
                CONNECT upstream.test:443 HTTP/1.1\r\nhost: upstream.test:443\r\n\
                proxy-authorization: Basic bWU6c2VjcmV0
                """)
        #expect(heads.last == "GET /x HTTP/1.1\r\nhost: upstream.test\r\nuser-agent: patchbay")
        try await proxy.stop()
    }

    @Test(
        "a proxy that gives no tunnel is told as such",
        arguments: [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it answered CONNECT with status 407"),
            ("HTTP/1.1 200 OK\r\n\r\nbytes", "it sent bytes before the tunnel was used"),
            ("nonsense\r\n\r\n", "its reply to CONNECT is no HTTP/1"),
            ("", "it closed the connection before the tunnel was there"),
            (String(repeating: "x", count: 20_000), "its reply to CONNECT is too long"),
        ])
    func noTunnel(reply: String, message: String) async throws {
        let proxy = try await TestServer.start { _, peer in peer.sendAndClose(reply) }
        let harness = try harness(["https_proxy": "http://127.0.0.1:\(proxy.port)"])
        let outcome = try await harness.get("https://upstream.test/").outcome
        #expect(outcome == UpstreamOutcome(.proxy(message), requestSent: false))
        try await proxy.stop()
    }

    @Test(
        "the variables are read as documented",
        arguments: [
            (["http_proxy": "p:1"], "http://x.test/", "p:1"), (["http_proxy": "p:1"], "https://x.test/", nil),
            (["HTTP_PROXY": "p:1"], "http://x.test/", nil), (["HTTPS_PROXY": "p:1"], "https://x.test/", "p:1"),
            (["HTTPS_PROXY": "p:1", "https_proxy": "q:2"], "https://x.test/", "q:2"),
            (["https_proxy": "", "HTTPS_PROXY": "p:1"], "https://x.test/", "p:1"),
            (["ALL_PROXY": "p:1"], "http://x.test/", "p:1"), (["all_proxy": "p:1"], "https://x.test/", "p:1"),
            (["http_proxy": "http://p"], "http://x.test/", "p:80"),
            (["http_proxy": "[::1]:3"], "http://x.test/", "::1:3"),
            (["http_proxy": "p:1"], "http://localhost/", nil), (["http_proxy": "p:1"], "http://127.9.9.9/", nil),
            (["http_proxy": "p:1"], "http://[::1]/", nil),
        ] as [([String: String], String, String?)])
    func variables(environment: [String: String], url: String, expected: String?) throws {
        let proxy = try UpstreamProxies(environment: environment).proxy(for: UpstreamURL(url))
        #expect(proxy.map { "\($0.host.name):\($0.port)" } == expected)
    }

    @Test(
        "a proxy that can't be used is an error without its value",
        arguments: [
            (
                "https://secret@p:1",
                "the environment variable https_proxy names a proxy of the kind 'https'; only http:// is supported"
            ),
            (
                "socks5://p:1",
                "the environment variable https_proxy names a proxy of the kind 'socks5'; only http:// is supported"
            ),
            ("secret@", "the environment variable https_proxy has no host"),
            ("http://p:99999", "the environment variable https_proxy has a port that is no number from 1 to 65535"),
            ("http://p:1/path", "the environment variable https_proxy has a path, which a proxy can't have"),
            ("a%2:b@p", "the environment variable https_proxy has a user name or password that is no percent-encoding"),
        ])
    func badVariables(value: String, message: String) throws {
        let error = #expect(throws: UpstreamProxyError.self) {
            try UpstreamProxies(environment: ["https_proxy": value])
        }
        #expect(error?.description == message)
    }

    @Test(
        "no_proxy knows names, subdomains, addresses, networks, ports and the star",
        arguments: [
            ("x.test", ["x.test", "a.x.test", "X.TEST"], ["ax.test", "test", "x.test.y"]),
            (".x.test", ["x.test", "a.x.test"], ["ax.test"]), ("*.x.test", ["a.b.x.test"], ["ax.test"]),
            ("*", ["x.test", "10.0.0.1"], []), ("x.test:80", ["x.test"], ["x.test:81"]),
            ("10.1.2.3", ["10.1.2.3"], ["10.1.2.4", "a.10.1.2.3.test"]),
            ("10.0.0.0/8", ["10.255.1.2"], ["11.0.0.1", "x.test"]),
            ("192.168.6.0/23", ["192.168.7.9"], ["192.168.8.1"]),
            ("fd00::/8", ["[fd12::1]"], ["[fe80::1]", "253.0.0.0"]),
            ("[2001:db8::1]:80", ["[2001:db8:0::1]"], ["[2001:db8::1]:81"]),
            ("2001:db8::1", ["[2001:db8::0001]:81"], ["[2001:db8::2]"]),
            (" a.test ,, b.test c.test", ["a.test", "b.test", "c.test"], ["d.test"]), ("", [], ["x.test"]),
            ("10.0.0.0/33, b@d, 1.2.3.4.5/8", [], ["10.0.0.1", "x.test"]),
        ] as [(String, [String], [String])])
    func exceptions(rules: String, direct: [String], proxied: [String]) throws {
        let rules = NoProxyRules(rules)
        for (names, expected) in [(direct, true), (proxied, false)] {
            for name in names {
                let url = try UpstreamURL("http://\(name)/")
                #expect(rules.matches(url.host, port: url.port) == expected, "\(name)")
            }
        }
    }
}
