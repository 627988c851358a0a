import PatchbayJSON
import Testing

/// What isn't accepted, and what the client is told.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("{\"a\" 1}", 5, "expected ':' after the key"),
        ("{\"a\":1 \"b\":2}", 7, "expected ',' or '}' after the member"),
        ("[1 2]", 3, "expected ',' or ']' after the element"), ("[1}", 2, "expected ',' or ']' after the element"),
        ("{\"a\":1]", 6, "expected ',' or '}' after the member"), ("{a:1}", 1, "expected a key in quotes"),
        ("{\"a\":1,}", 7, "expected a key in quotes"), ("[1,]", 3, "expected a value"), ("[,1]", 1, "expected a value"),
        ("{1:2}", 1, "expected a key in quotes"), ("[nul]", 1, "expected a value"), ("[nulll]", 1, "expected a value"),
        ("[True]", 1, "expected a value"), ("[tru", 1, "expected a value"), ("}", 0, "expected a value"),
        ("['a']", 1, "expected a value"), ("[\\n]", 1, "expected a value"), ("// x\n1", 0, "expected a value"),
        ("[", 1, "the document ends too early"), ("{", 1, "the document ends too early"),
        ("[1", 2, "the document ends too early"), ("[1,", 3, "the document ends too early"),
        ("{\"a\"", 4, "the document ends too early"), ("{\"a\":", 5, "the document ends too early"),
        ("{\"a\":1,", 7, "the document ends too early"), ("[\"a", 1, "the string does not end"),
        ("[\"a\\\"]", 1, "the string does not end"),
        ("[\"a\nb\"]", 3, "a control character in a string must be escaped"),
        ("[\"a\u{0}b\"]", 3, "a control character in a string must be escaped"),
        ("[\"a\\x\"]", 3, "no such escape in a string"), ("[\"a\\u12G4\"]", 3, "no such escape in a string"),
        ("[\"a\\u12\"]", 3, "no such escape in a string"), ("\u{FEFF}{}", 0, "expected a value"),
        ("\u{0}", 0, "expected a value"), ("[\"a\"\"b\"]", 4, "expected ',' or ']' after the element"),
    ])
    func brokenSyntaxIsNamedWithItsPlace(_ json: String, _ offset: Int, _ what: String) {
        let error = JSONError(kind: .syntax, offset: offset, message: "invalid JSON at byte \(offset): \(what)")
        #expect(throws: error) { try JSONDocument.parse(json) }
    }

    @Test(arguments: ["", " ", "\n\t\r "])
    func nothingIsNoDocument(_ json: String) {
        #expect(throws: JSONError(kind: .empty, offset: nil, message: "invalid JSON: the document is empty")) {
            try JSONDocument.parse(json)
        }
    }

    @Test(arguments: [
        ("{} x", 3), ("1 2", 2), ("[]]", 2), ("\"a\"\"b\"", 3), ("{}{}", 2), ("null,", 4), ("[] \u{0}", 3),
    ])
    func whatFollowsTheDocumentIsAnError(_ json: String, _ offset: Int) {
        let message = "invalid JSON at byte \(offset): something follows the document"
        #expect(throws: JSONError(kind: .trailing, offset: offset, message: message)) { try JSONDocument.parse(json) }
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0xAF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE6, 0xBC], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func invalidUTF8IsAnErrorWithItsPlace(_ bytes: [UInt8]) {
        for prefix in ["[\"", "[\"" + String(repeating: "é", count: 70)] {
            let start = Array(prefix.utf8)
            let error = JSONError(
                kind: .utf8, offset: start.count, message: "invalid JSON at byte \(start.count): the text is not UTF-8")
            #expect(throws: error) { try JSONDocument.parse(start + bytes + Array("\"]".utf8)) }
        }
        #expect(throws: JSONError.self) { try JSONDocument.parse(bytes) }
        #expect(throws: JSONError.self) { try JSONDocument.parse(Array("[] ".utf8) + bytes) }
    }

    @Test(arguments: [
        #"["\ud800"]"#, #"["\udc00"]"#, #"["\ud800x"]"#, #"["\ud800\n"]"#, #"["\ud800\ud800"]"#, #"["\udbff\ue000"]"#,
        #"["\ude00\ud83d"]"#,
    ])
    func halfASurrogatePairIsAnError(_ json: String) {
        #expect(
            throws: JSONError(
                kind: .utf8, offset: 2, message: "invalid JSON at byte 2: half a surrogate pair in a string")
        ) {
            try JSONDocument.parse(json)
        }
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth128IsReadAnd129Refused(_ open: String, _ close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth - 1) + "[]" + String(repeating: close, count: depth - 1)
        }
        #expect(try JSONDocument.parse(nested(128)).root.raw.count == nested(128).utf8.count)
        let offset = open.utf8.count * 128
        let message = "invalid JSON at byte \(offset): nested deeper than 128 arrays and objects"
        #expect(throws: JSONError(kind: .depth, offset: offset, message: message)) {
            try JSONDocument.parse(nested(129))
        }
        #expect(throws: JSONError.self) { try JSONDocument.parse("[[]]", limits: JSONLimits(maxDepth: 1)) }
        #expect(throws: JSONError.self) { try JSONDocument.parse("[]", limits: JSONLimits(maxDepth: 0)) }
        #expect(try JSONDocument.parse("1", limits: JSONLimits(maxDepth: 0)).root.int == 1)
    }

    @Test(arguments: ["[", "{\"a\":", "{", "[[", "\"", "\\", "{\"a\":[", "[{", "1", "-", "]", ":", "\u{0}"])
    func tenMegabytesOfGarbageAreRefused(_ unit: String) {
        let garbage = [UInt8](String(repeating: unit, count: 10_000_000 / unit.utf8.count).utf8)
        #expect(throws: JSONError.self) { try JSONDocument.parse(garbage) }
        #expect(throws: JSONError.self) { try JSONDocument.parse(garbage + [0xFF]) }
    }

    @Test func aDuplicateKeyIsAnErrorThatNamesIt() {
        let error = JSONError(
            kind: .duplicateKey("model"), offset: 17,
            message: "invalid JSON at byte 17: the key \"model\" is there twice")
        #expect(throws: error) { try JSONDocument.parse(#"{"model":1,"b":2,"model":3}"#) }
    }

    @Test(arguments: [
        #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":2}"#, #"{"\u0061":1,"\u0061":2}"#, #"[{"x":{"a":[{"b":1}],"a":{}}}]"#,
    ])
    func keysAreComparedUnescapedAtEveryDepth(_ json: String) {
        let found = #expect(throws: JSONError.self) { try JSONDocument.parse(json) }
        #expect(found?.kind == .duplicateKey("a"))
    }

    @Test(arguments: [
        #"{"a":1,"A":2,"":3,"aa":4}"#, #"[{"a":1},{"a":2}]"#, #"{"a":{"a":{"a":1}}}"#, #"{"é":1,"e\u0301":2}"#,
    ])
    func likeKeysThatDifferAreAccepted(_ json: String) throws {
        #expect(try JSONDocument.parse(json).root.count > 0)
    }

    @Test(arguments: [2, 3, 16, 17, 18, 100, 5_000])
    func aDuplicateKeyIsFoundInObjectsOfEverySize(_ count: Int) throws {
        // Keys of three lengths, some with escapes, with a long common beginning.
        let keys = (0..<count).map { "a-common-beginning-\($0 % 3 == 0 ? "\\u0061" : "a")-\($0)" }
        func object(_ keys: [String]) -> String { "{" + keys.map { "\"\($0)\":[{}]" }.joined(separator: ",") + "}" }
        #expect(try JSONDocument.parse(object(keys)).root.count == count)
        for duplicate in [0, count / 2, count - 1] {
            let found = #expect(throws: JSONError.self) { try JSONDocument.parse(object(keys + [keys[duplicate]])) }
            #expect(found?.kind == .duplicateKey("a-common-beginning-a-\(duplicate)"))
            #expect(found?.offset == object(keys).utf8.count)
        }
    }

    @Test func duplicateKeysAreAcceptedWhereTheyAreNotLookedFor() throws {
        #expect(try JSONDocument.parse(#"{"a":1,"a":2}"#, limits: .chunk).root["a"]?.int == 1)
    }

    @Test func aLongOrOddDuplicateKeyIsShownInPart() {
        let key = String(repeating: "k", count: 1_000)
        let long = #expect(throws: JSONError.self) { try JSONDocument.parse("{\"\(key)\":1,\"\(key)\":1}") }
        #expect((long?.message.utf8.count ?? 1_000) < 140)
        let odd = #expect(throws: JSONError.self) { try JSONDocument.parse(#"{"a\n":1,"a\n":1}"#) }
        #expect(odd?.message == "invalid JSON at byte 9: the key \"a\u{FFFD}\" is there twice")
    }

    @Test func bytesAndValuesAreBounded() throws {
        let limits = JSONLimits(maxBytes: 10, maxValues: 4)
        #expect(try JSONDocument.parse("[1,2,3]   ", limits: limits).root.count == 3)
        #expect(try JSONDocument.parse(#"{"a":[1]}"#, limits: limits).root.count == 1)
        let large = JSONError(kind: .tooLarge, offset: nil, message: "invalid JSON: more than 10 bytes")
        let bytes = Array("[1,2,3]    ".utf8)
        #expect(throws: large) { try JSONDocument.parse(bytes, limits: limits) }
        #expect(throws: large) { try JSONDocument.parse(bytes[...], limits: limits) }
        #expect(throws: large) { try JSONParser().parse(bytes.span, limits: limits) }
        #expect(throws: large) { try JSONDocument.parse("[1,2,3]    ", limits: limits) }
        let many = JSONError(kind: .tooManyValues, offset: 7, message: "invalid JSON at byte 7: more than 4 values")
        #expect(throws: many) { try JSONDocument.parse("[1,2,3,4]", limits: limits) }
        #expect(throws: JSONError.self) { try JSONDocument.parse(#"[{"a":{}}]"#, limits: JSONLimits(maxValues: 2)) }
    }
}
