import Testing

@testable import PatchbayUpstream

@Suite struct AddressTests {
    @Test(
        "a URL is taken apart as it goes on the wire",
        arguments: [
            ("http://Host.Test", "host.test", 80, "/", "host.test"),
            ("HTTPS://host.test:443/a", "host.test", 443, "/a", "host.test"),
            ("https://host.test:80?q=1#f", "host.test", 80, "/?q=1", "host.test:80"),
            ("http://host.test#f", "host.test", 80, "/", "host.test"),
            ("http://[2001:DB8::1]:81/x", "2001:db8::1", 81, "/x", "[2001:db8::1]:81"),
            ("http://127.0.0.1:8/a//b/../c", "127.0.0.1", 8, "/a//b/../c", "127.0.0.1:8"),
        ])
    func url(text: String, host: String, port: Int, target: String, authority: String) throws {
        let url = try UpstreamURL(text)
        #expect(url.host.name == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.authority == authority)
    }

    @Test(
        "addresses are read, and only addresses",
        arguments: [
            ("1.2.3.4", [1, 2, 3, 4]), ("::", [UInt8](repeating: 0, count: 16)),
            ("::1", [UInt8](repeating: 0, count: 15) + [1]), ("1::", [0, 1] + [UInt8](repeating: 0, count: 14)),
            ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
            ("::ffff:1.2.3.4", [UInt8](repeating: 0, count: 10) + [255, 255, 1, 2, 3, 4]),
            ("1.2.3", nil), ("1.2.3.4.5", nil), ("01.2.3.4", nil), ("256.2.3.4", nil), ("1.2.3.", nil),
            ("+1.2.3.4", nil),
            ("1:2:3:4:5:6:7", nil), ("1:2:3:4:5:6:7:8:9", nil), ("1::2::3", nil), (":1", nil), ("1:", nil),
            (":::", nil),
            ("12345::", nil), ("+1::", nil), ("g::", nil), (":", nil), ("", nil), ("::1%lo", nil),
            ("1:2:3:4:5:6:7::8", nil),
        ] as [(String, [UInt8]?)])
    func addresses(text: String, bytes: [UInt8]?) {
        #expect(IPAddressText.parse(text) == bytes)
    }

    @Test(
        "base64 is that of the RFC",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("\u{7F}~~", "f35+"),
        ])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
