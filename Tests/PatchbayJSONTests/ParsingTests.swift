import PatchbayJSON
import Testing

@Suite struct ParsingTests {
    static let chunk = """
        {"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,\
        "delta":{"content":" hello"},"logprobs":null,"finish_reason":null}]}
        """

    @Test func aChatChunkIsReadByKeysAndPositions() throws {
        let root = try JSONDocument.parse(Self.chunk).root
        #expect(root["choices"]?[0]?["delta"]?["content"]?.string == " hello")
        #expect(root["created"]?.int == 1_700_000_000)
        #expect(root["choices"]?[0]?["logprobs"]?.isNull == true)
        #expect(root["choices"]?[1] == nil)
        #expect(root["choices"]?[-1] == nil)
        #expect(root["absent"] == nil)
        #expect(root["id"]?["absent"] == nil)
        #expect(root["id"]?[0] == nil)
        #expect(root.has("created"))
        #expect(!root.has("absent"))
        let name = String("created".reversed().reversed())
        #expect(root[key: name]?.int == 1_700_000_000)
        #expect(root.has(name))
    }

    @Test func aValueOfAnotherKindIsNil() throws {
        let root = try JSONDocument.parse(#"{"s":"x","i":1,"d":1.5,"b":true,"n":null,"a":[1],"o":{"k":2}}"#).root
        let kinds: [(String, JSONKind)] = [
            ("s", .string), ("i", .integer), ("d", .double), ("b", .bool), ("n", .null), ("a", .array), ("o", .object),
        ]
        for (key, kind) in kinds {
            let value = try #require(root[key: key])
            #expect(value.kind == kind)
            #expect((value.string != nil) == (kind == .string))
            #expect((value.int != nil) == (kind == .integer))
            #expect((value.double != nil) == (kind == .integer || kind == .double))
            #expect((value.bool != nil) == (kind == .bool))
            #expect(value.isNull == (kind == .null))
            #expect((value.array != nil) == (kind == .array))
            #expect((value.object != nil) == (kind == .object))
            #expect(value.elements.count == (kind == .array ? 1 : 0))
            #expect(Array(value.elements).count == (kind == .array ? 1 : 0))
            #expect(Array(value.members).count == (kind == .object ? 1 : 0))
            #expect(value.count == (kind == .string || kind == .array || kind == .object ? 1 : 0))
        }
        #expect("\(JSONKind.object), \(JSONKind.integer), \(JSONKind.null)" == "an object, a number, null")
    }

    @Test func rawIsTheExactSourceOfEachValue() throws {
        let root = try JSONDocument.parse(" { \"a\" : [ 1 , 2.50 ] ,\n\"b\\u0062\":\t\"x\\n\" , \"c\" : { } }\r\n").root
        #expect(text(root.raw) == "{ \"a\" : [ 1 , 2.50 ] ,\n\"b\\u0062\":\t\"x\\n\" , \"c\" : { } }")
        #expect(root["a"].map { text($0.raw) } == "[ 1 , 2.50 ]")
        #expect(root["a"]?.elements.map { text($0.raw) } == ["1", "2.50"])
        #expect(root["bb"].map { text($0.raw) } == "\"x\\n\"")
        #expect(root["c"]?.rawEquals("{ }") == true)
        #expect(root["c"]?.rawEquals("{}") == false)
        #expect(
            root.members.map { text($0.raw) } == ["\"a\" : [ 1 , 2.50 ]", "\"b\\u0062\":\t\"x\\n\"", "\"c\" : { }"])
        #expect(root["a"]?[1]?.range == 15..<19)
    }

    @Test func elementsAndMembersComeInTheOrderOfTheSource() throws {
        let root = try JSONDocument.parse(#"{"z":[[],[1],[[2]],{"q":{}}],"a":{},"m":3}"#).root
        #expect(root.members.map(\.key) == ["z", "a", "m"])
        #expect(root.members.map { text($0.value.raw) } == [#"[[],[1],[[2]],{"q":{}}]"#, "{}", "3"])
        let elements = try #require(root["z"]?.array)
        #expect(elements.count == 4)
        #expect(elements.map(\.count) == [0, 1, 1, 1])
        #expect(elements.first?.count == 0)
        #expect(elements.dropFirst(2).first?[0]?[0]?.int == 2)
    }

    @Test func stringsAreUnescapedAndComparedUnescaped() throws {
        let json =
            #"{"a\u0062":"q\"\\\/\b\f\n\r\t\u00e9\u6f22\ud83d\ude00\u0000.","plain":"é漢😀","long":"0123456789abcdefg\n"}"#
        let root = try JSONDocument.parse(json).root
        #expect(root["ab"]?.string == "q\"\\/\u{8}\u{c}\n\r\té漢😀\u{0}.")
        #expect(root["ab"]?.count == "q\"\\/\u{8}\u{c}\n\r\té漢😀\u{0}.".utf8.count)
        #expect(root["ab"]?.stringEquals("q\"\\/\u{8}\u{c}\n\r\té漢😀\u{0}.") == true)
        #expect(root["plain"]?.stringEquals("é漢😀") == true)
        #expect(root["plain"]?.stringEquals("é漢") == false)
        #expect(root["long"]?.stringEquals("0123456789abcdefg\n") == true)
        #expect(root["long"]?.stringEquals("0123456789abcdefh\n") == false)
        #expect(root.stringEquals("") == false)
        #expect(root.members.map { $0.keyEquals("ab") } == [true, false, false])
        #expect(root[#"a\u0062"#] == nil)
    }

    @Test func theEmptyKeyAndTheEmptyStringAreValues() throws {
        let root = try JSONDocument.parse(#"{"":""}"#).root
        #expect(root[""]?.string == "")
        #expect(root[""]?.stringEquals("") == true)
        #expect(root[""]?.stringEquals("x") == false)
    }

    @Test func everySourceGivesTheSameDocument() throws {
        let parser = JSONParser()
        let bytes = Array(Self.chunk.utf8)
        let padded = [1, 2] + bytes + [3]
        let expected = JSONModel(try parser.parse(bytes).root)
        #expect(JSONModel(try parser.parse(padded[2..<(padded.count - 1)]).root) == expected)
        #expect(JSONModel(try parser.parse(bytes.span).root) == expected)
        let fromRawSpan = try parser.parse(unsafe bytes.span.bytes)
        #expect(JSONModel(fromRawSpan.root) == expected)
        #expect(JSONModel(try parser.parse(Self.chunk).root) == expected)
        #expect(JSONModel(try JSONDocument.parse(bytes).root) == expected)
        #expect(JSONModel(try JSONDocument.parse(bytes[...]).root) == expected)
        #expect(expected != nil)
    }

    @Test func aDocumentOutlivesItsParserAndTheNextDocument() throws {
        var parser: JSONParser? = JSONParser()
        let first = try #require(try parser?.parse(#"{"a":"x\ny"}"#))
        #expect(throws: JSONError.self) { try parser?.parse("[1,") }
        let second = try #require(try parser?.parse(#"{"a":"\u0041"}"#))
        parser = nil
        #expect(first.root["a"]?.string == "x\ny")
        #expect(second.root["a"]?.string == "A")
    }

    @Test func aParserReadsSmallDocumentsAfterLargeOnes() throws {
        let parser = JSONParser()
        for count in [10, 700_000, 1, 300_000, 2] {
            let json = "[1" + String(repeating: ",1", count: count - 1) + "]"
            #expect(try parser.parse(json).root.count == count)
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
