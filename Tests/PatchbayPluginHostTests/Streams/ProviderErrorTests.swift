import CPatchbay
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct ProviderErrorTests {
    @Test(
        arguments: [
            (PBAY_EINVALID, GatewayError.Kind.invalidRequest, nil), (PBAY_EUNSUPPORTED, .invalidRequest, "unsupported"),
            (PBAY_ENOTFOUND, .notFound, "model_not_found"), (PBAY_EAUTH, .provider, nil),
            (PBAY_ERATELIMIT, .rateLimited, nil), (PBAY_EOVERLOADED, .overloaded, nil), (PBAY_ETIMEOUT, .timeout, nil),
            (PBAY_ECANCELLED, .cancelled, nil), (PBAY_EUPSTREAM, .provider, nil),
            (PBAY_ECONTEXT_LENGTH, .invalidRequest, "context_length_exceeded"), (PBAY_ELIMIT, .provider, nil),
            (PBAY_EDATALOSS, .provider, nil), (PBAY_EIO, .provider, nil), (PBAY_EINTERNAL, .internal, nil),
            (-999, .internal, nil), (3, .internal, nil),
        ] as [(Int, GatewayError.Kind, String?)])
    func `each code has its meaning, and a text where the plugin gives none`(
        code: Int, kind: GatewayError.Kind, word: String?
    ) {
        let error = GatewayError(provider: PluginReport(code: Int32(code)))
        #expect(error.kind == kind)
        #expect(error.code == word)
        #expect(!error.message.isEmpty)
    }

    @Test func `a failure carries what the plugin said of it, each part to whom it is for`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let limited = try await bench.run("s fail=-7")
        #expect(limited.error?.kind == .rateLimited)
        #expect(limited.error?.message == "it failed")
        #expect(limited.error?.retryAfter == 2)
        #expect(limited.error?.detail == "upstream status 418: the fixture's detail")
        let invalid = try await bench.run("s fail=-2")
        #expect(invalid.error?.param == "input[0]")
        let unnamed = try await bench.run("s failnull")
        #expect(unnamed.error?.kind == .internal)
        #expect(unnamed.error?.message == "The provider failed inside.")
        await bench.host.stop()
    }

    @Test func `the plugin's texts are bounded and repaired`() {
        var error = pbay_error()
        error.code = Int32(PBAY_EUPSTREAM)
        unsafe withUnsafeMutableBytes(of: &error.message) { bytes in
            for at in 0..<bytes.count { unsafe bytes[at] = 0xFF }
        }
        let report = PluginReport(error, code: nil)
        #expect(report.message.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" })
        #expect(report.message.unicodeScalars.count == 512)
    }
}
