import PatchbayJSON
import Testing

@Suite struct WriterTests {
    @Test func commasComeByThemselves() {
        var json = JSONWriter()
        json.beginObject()
        json.key("a")
        json.beginArray()
        json.int(1)
        json.string("x")
        json.beginArray()
        json.endArray()
        json.beginObject()
        json.endObject()
        json.null()
        json.bool(true)
        json.bool(false)
        json.double(1.5)
        json.raw(Array("{}".utf8))
        json.raw(Array(" [] ".utf8)[1..<3])
        json.raw(Array("7".utf8).span)
        json.literal("\"y\"")
        json.uint64(.max)
        json.string(literal: "z")
        json.endArray()
        json.key(String("b\n"))
        json.null()
        json.endObject()
        #expect(
            text(json) == #"{"a":[1,"x",[],{},null,true,false,1.5,{},[],7,"y",18446744073709551615,"z"],"b\n":null}"#)
    }

    @Test func membersWriteNullForNil() throws {
        var json = JSONWriter(capacity: 100)
        let source = try JSONDocument.parse(#"{"v": [ 1 ] }"#).root
        json.object { json in
            json.member("s", "x")
            json.member("i", 1)
            json.member("d", 0.5)
            json.member("b", true)
            json.member("v", source["v"])
            json.member("r", raw: source.raw)
            json.member("l", literal: "message")
            json.member("o") { $0.array { $0.value(source) } }
            json.member("ns", nil as String?)
            json.member("ni", nil as Int?)
            json.member("nd", nil as Double?)
            json.member("nb", nil as Bool?)
            json.member("nv", source["absent"])
            json.member("nr", raw: nil)
        }
        #expect(
            text(json)
                == #"{"s":"x","i":1,"d":0.5,"b":true,"v":[ 1 ],"r":{"v": [ 1 ] },"l":"message","o":[{"v": [ 1 ] }],"#
                + #""ns":null,"ni":null,"nd":null,"nb":null,"nv":null,"nr":null}"#)
    }

    @Test func onlyWhatMustBeEscapedIs() {
        let all = String(String.UnicodeScalarView((0..<0x80).compactMap { Unicode.Scalar($0) }))
        let expected =
            #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014"#
            + ##"\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f !\"#$%&'()*+,-./0123456789:;<=>?@ABC"##
            + #"DEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"# + "\u{7F}\""
        #expect(String(decoding: JSONWriter.quoted(all), as: UTF8.self) == expected)
        let other = "é漢😀\u{2028}\u{2029}\u{FEFF}\u{80}"
        #expect(String(decoding: JSONWriter.quoted(other), as: UTF8.self) == "\"\(other)\"")
    }

    @Test func everyByteIsEscapedAtEveryPositionOfEveryLength() throws {
        let parser = JSONParser()
        var failed: [String] = []
        for length in 1...33 {
            for position in 0..<length {
                for special: Unicode.Scalar in ["\"", "\\", "\n", "\u{1F}", "\u{0}", "x", "\u{7F}", "é"] {
                    var scalars = Array(repeating: Unicode.Scalar("a"), count: length)
                    scalars[position] = special
                    let string = String(String.UnicodeScalarView(scalars))
                    let json = JSONWriter.quoted(string)
                    var other = JSONWriter()
                    other.string(utf8: Array(string.utf8).span)
                    if try parser.parse(json).root.string != string || other.bytes != json { failed.append(string) }
                }
            }
        }
        #expect(failed == [])
    }

    @Test(arguments: [511, 512, 513, 1023, 1024, 1025, 100_000])
    func longStringsAreWrittenInPieces(_ length: Int) throws {
        for unit in ["a", "\n", "é", "😀", "\u{1}"] {
            let string = String(repeating: unit, count: length)
            var json = JSONWriter()
            json.array { json in
                json.string(string)
                json.string(string)
            }
            let root = try JSONDocument.parse(json.bytes).root
            #expect(root.elements.map(\.string) == [string, string])
        }
    }

    @Test(arguments: [0, 9, 10, -1, -10, 123_456_789, Int.max, Int.min])
    func integersAreWrittenInFull(_ value: Int) {
        var json = JSONWriter()
        json.array { json in
            json.int(value)
            json.int(value)
        }
        #expect(text(json) == "[\(value),\(value)]")
    }

    @Test func doublesReadBackAsTheSameAndTheInfiniteAreNull() throws {
        var json = JSONWriter()
        let values = [0, -0.0, 1, 0.1, 1e300, -.leastNonzeroMagnitude, 1e16, 123456.789, .greatestFiniteMagnitude]
        json.array { json in for value in values { json.double(value) } }
        let back = try JSONDocument.parse(json.bytes).root.elements.map(\.double)
        #expect(back.map { $0?.bitPattern } == values.map(\.bitPattern))
        json.reset()
        json.array { json in for value in [Double.nan, .infinity, -.infinity] { json.double(value) } }
        #expect(text(json) == "[null,null,null]")
    }

    @Test func eventsAreFramedAndTheMemoryIsKept() {
        var json = JSONWriter(appendingTo: Array(": hello\n".utf8))
        json.verbatim("data: ")
        json.object { $0.member("a", 1) }
        json.verbatim("\n\n")
        json.verbatim(Array("data: ".utf8))
        json.object { $0.member("a", 2) }
        #expect(text(json) == ": hello\ndata: {\"a\":1}\n\ndata: {\"a\":2}")
        let capacity = json.bytes.capacity
        json.reset()
        #expect(json.bytes.isEmpty)
        #expect(json.bytes.capacity == capacity)
        json.int(1)
        #expect(text(json) == "1")
    }

    private func text(_ json: JSONWriter) -> String { String(decoding: json.bytes, as: UTF8.self) }
}
