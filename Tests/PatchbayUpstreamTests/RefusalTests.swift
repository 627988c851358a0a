import NIOCore
import PatchbayUpstream
import Testing

@Suite struct RefusalTests {
    let harness = Harness()

    private func refusal(_ request: UpstreamRequest) async -> UpstreamRequestError? {
        do {
            _ = try await harness.perform(request)
            return nil
        } catch {
            return error as? UpstreamRequestError
        }
    }

    @Test(
        "a URL that can't be used is refused with its reason",
        arguments: [
            ("", "the URL must begin with http:// or https://"),
            ("ftp://host/", "the URL must begin with http:// or https://"),
            ("http:/host", "the URL must begin with http:// or https://"),
            ("http://", "the URL has no host"),
            ("http:///x", "the URL has no host"),
            ("http://:80/", "the URL has no host"),
            ("https://user:pass@host/", "the URL must not hold a user name or password (use a header)"),
            ("http://host:0/", "the URL has a port that is no number from 1 to 65535"),
            ("http://host:65536/", "the URL has a port that is no number from 1 to 65535"),
            ("http://host:/", "the URL has a port that is no number from 1 to 65535"),
            ("http://host:+80/", "the URL has a port that is no number from 1 to 65535"),
            ("http://ho st/", "the URL has a host name with other than letters, digits, '-', '.' and '_'"),
            ("http://höst/", "the URL has a host name with other than letters, digits, '-', '.' and '_'"),
            ("http://[::1/", "the URL lacks a ']'"),
            ("http://[host]/", "the URL has brackets around what is no IPv6 address"),
            ("http://host/a b", "the URL has the byte 0x20 in its path or query (percent-encode it)"),
            ("http://host/a\r\nx: y", "the URL has the byte 0xd in its path or query (percent-encode it)"),
            ("http://host/é", "the URL has the byte 0xc3 in its path or query (percent-encode it)"),
        ])
    func url(text: String, message: String) async {
        #expect(await refusal(UpstreamRequest(url: text)) == UpstreamRequestError(.invalidURL, message))
    }

    @Test(
        "a header that could change the request is refused",
        arguments: [
            ("x", "a\r\ny: b", "the header 'x' has a control character in its value"),
            ("x", "a\nb", "the header 'x' has a control character in its value"),
            ("x", "a\u{0}", "the header 'x' has a control character in its value"),
            ("x:", "a", "a header's name is no token of HTTP"),
            ("x\r\ny", "a", "a header's name is no token of HTTP"),
            ("", "a", "a header's name is no token of HTTP"),
            ("Content-Length", "1", "the header 'Content-Length' can't be set: the length is that of the body given"),
            (
                "Transfer-Encoding", "chunked",
                "the header 'Transfer-Encoding' can't be set: the length is that of the body given"
            ),
            ("Connection", "upgrade", "the header 'Connection' can't be set: only 'close' can be asked for"),
            ("Upgrade", "h2c", "the header 'Upgrade' can't be set: it belongs to the connection, which is the host's"),
            ("Accept-Encoding", "gzip", "the header 'Accept-Encoding' can't be set: replies are not decompressed"),
        ])
    func header(name: String, value: String, message: String) async {
        let request = UpstreamRequest(url: "http://127.0.0.1:1/", headers: [(name, value)])
        #expect(await refusal(request) == UpstreamRequestError(.invalidRequest, message))
    }

    @Test("a method that is no token is refused", arguments: ["", "GET /x HTTP/1.1\r\n", "CONNECT"])
    func method(name: String) async {
        #expect(await refusal(UpstreamRequest(method: name, url: "http://127.0.0.1:1/"))?.code == .invalidRequest)
    }

    @Test("after shutdown nothing is accepted")
    func shutDown() async {
        harness.client.shutdown()
        #expect(await refusal(UpstreamRequest(url: "http://127.0.0.1:1/"))?.code == .shutDown)
    }
}
