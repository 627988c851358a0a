import PatchbayJSON
import Testing

@testable import PatchbayPluginHost

/// What a model is told of a function.
@Suite struct ForeignSchemaTests {
    private func schema(_ parameters: [ForeignParameter]) -> String {
        String(
            decoding: ForeignSignature("libx.so", "f", parameters, .int).parametersSchema, as: UTF8.self)
    }

    @Test("the contract's example: the text alone is seen")
    func contract() {
        let crc32 = ForeignSignature(
            "libz.so.1", "crc32",
            [
                .constant(.scalar(.ulong), "0"), ForeignParameter("data", .bytes, description: "the text"),
                .length("data", .uint),
            ], ForeignResult(.scalar(.ulong)))
        #expect(
            String(decoding: crc32.parametersSchema, as: UTF8.self)
                == #"{"type":"object","properties":{"data":{"type":"string","description":"the text"}},"required":["data"],"additionalProperties":false}"#
        )
        #expect(
            crc32.derivedDescription
                == "Calls the function crc32 of the C library libz.so.1 with data, and gives its result.")
    }

    @Test("integers have the bounds of their width")
    func integers() {
        func bounds(_ scalar: ForeignScalar) -> String {
            let text = schema([.given("x", .scalar(scalar))])
            return String(text.dropFirst(#"{"type":"object","properties":{"x":"#.count).prefix { $0 != "}" }) + "}"
        }
        #expect(bounds(.int8) == #"{"type":"integer","minimum":-128,"maximum":127}"#)
        #expect(bounds(.ushort) == #"{"type":"integer","minimum":0,"maximum":65535}"#)
        #expect(bounds(.int) == #"{"type":"integer","minimum":-2147483648,"maximum":2147483647}"#)
        #expect(bounds(.long) == #"{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}"#)
        #expect(bounds(.size) == #"{"type":"integer","minimum":0,"maximum":18446744073709551615}"#)
        #expect(bounds(.bool) == #"{"type":"boolean"}"#)
        #expect(bounds(.float) == #"{"type":"number"}"#)
    }

    @Test("texts, bytes, arrays and structs; outputs and lengths aren't seen")
    func others() {
        let point = ForeignStructure([("x", .scalar(.double)), ("y", .scalar(.double))])
        let parameters: [ForeignParameter] = [
            ForeignParameter("text", .string, limit: 10),
            ForeignParameter("key", .bytes, encoding: .hex, limit: 16),
            ForeignParameter("blob", .bytes, encoding: .base64),
            ForeignParameter("list", .array(.scalar(.uint8)), .updated, description: "some", limit: 4),
            .given("words", .array(.string)), .given("at", .structure(point)),
            .output("out", .bytes, 4), .length("out"),
        ]
        #expect(
            schema(parameters) == #"{"type":"object","properties":{"#
                + #""text":{"type":"string","maxLength":10},"#
                + #""key":{"type":"string","pattern":"^([0-9A-Fa-f]{2})*$","maxLength":32},"#
                + #""blob":{"type":"string","contentEncoding":"base64"},"#
                + #""list":{"type":"array","items":{"type":"integer","minimum":0,"maximum":255},"maxItems":4,"description":"some"},"#
                + #""words":{"type":"array","items":{"type":"string"}},"#
                + #""at":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}},"required":["x","y"],"additionalProperties":false}"#
                + #"},"required":["text","key","blob","list","words","at"],"additionalProperties":false}"#)
        #expect(
            ForeignSignature("libx.so", "f", parameters, .int).derivedDescription
                == "Calls the function f of the C library libx.so with text, key, blob, list, words, at, and gives a JSON object of result, list, out."
        )
        #expect(schema([]) == #"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#)
    }
}
