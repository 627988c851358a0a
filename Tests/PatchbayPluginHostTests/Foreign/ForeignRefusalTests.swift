import Testing

@testable import PatchbayPluginHost

/// What the model may give wrongly: words for it, and no call.
@Suite struct ForeignRefusalTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture("foreign") }

    private func function(_ symbol: String, _ parameters: [ForeignParameter], _ result: ForeignResult = .int) throws
        -> ForeignFunction
    {
        try ForeignFunction(ForeignSignature(fixture.path, symbol, parameters, result))
    }

    @Test(
        "numbers that the type can't hold are refused, by the argument's name",
        arguments: [
            (ForeignScalar.int8, "128", "must be an integer from -128 to 127, not 128"),
            (.int8, "-129", "must be an integer from -128 to 127, not -129"),
            (.uint8, "-1", "must be an integer from 0 to 255, not -1"),
            (.uint16, "65536", "must be an integer from 0 to 65535, not 65536"),
            (.int, "2147483648", "must be an integer from -2147483648 to 2147483647, not 2147483648"),
            (.int, "1.5", "must be an integer from -2147483648 to 2147483647, not 1.5"),
            (.int, "\"1\"", "must be an integer from -2147483648 to 2147483647, not a string"),
            (.int, "null", "must be an integer from -2147483648 to 2147483647, not null"),
            (.int, "true", "must be an integer from -2147483648 to 2147483647, not a boolean"),
            (.int, "[1]", "must be an integer from -2147483648 to 2147483647, not an array"),
            (
                .int64, "9223372036854775808",
                "must be an integer from -9223372036854775808 to 9223372036854775807, not 9223372036854775808"
            ),
            (.uint64, "-1", "must be an integer from 0 to 18446744073709551615, not -1"),
            (.int64, "1e300", "must be an integer from -9223372036854775808 to 9223372036854775807, not 1e300"),
            (.float, "1e39", "must be a number that a float can hold, not 1e39"),
            (.double, "\"NaN\"", "must be a number that a double can hold, not a string"),
            (.bool, "1", "must be true or false, not 1"),
        ])
    func numbers(_ scalar: ForeignScalar, _ json: String, _ words: String) throws {
        let echo = try function(
            "echo_\(scalar.rawValue)", [.given("x", .scalar(scalar))], ForeignResult(.scalar(scalar)))
        #expect(echo.refusal("{\"x\":\(json)}") == "The argument 'x' \(words).")
        #expect(fixture.count("calls") == 0)
    }

    @Test("an integer may be written as a number that has no fraction")
    func integral() throws {
        let echo = try function("echo_int", [.given("x", .scalar(.int))])
        #expect(try echo.call(Array(#"{"x":5.0}"#.utf8)).run().text == "5")
        #expect(try echo.call(Array(#"{"x":-1e3}"#.utf8)).run().text == "-1000")
        #expect(echo.refusal(#"{"x":1e10}"#) != nil)
    }

    @Test("a double that isn't finite is refused")
    func notFinite() throws {
        let echo = try function("echo_double", [.given("x", .scalar(.double))], .double)
        // A parser takes it either for too large or for no JSON.
        #expect(echo.refusal(#"{"x":1e999}"#) != nil)
        #expect(echo.refusal(#"{"x":NaN}"#) == "The arguments can't be read as JSON.")
        #expect(fixture.count("calls") == 0)
    }

    @Test("texts: a wrong type, a zero, and more than the bound")
    func texts() throws {
        let length = try function("length", [ForeignParameter("text", .string, limit: 5)])
        #expect(length.refusal(#"{"text":1}"#) == "The argument 'text' must be a string, not 1.")
        #expect(length.refusal(#"{"text":null}"#) == "The argument 'text' must be a string, not null.")
        #expect(length.refusal(#"{"text":"a\u0000b"}"#) == "The argument 'text' must not hold the character U+0000.")
        #expect(length.refusal(#"{"text":"123456"}"#) == "The argument 'text' has 6 bytes, and at most 5 are allowed.")
        #expect(length.refusal(#"{"text":"ééé"}"#) == "The argument 'text' has 6 bytes, and at most 5 are allowed.")
        #expect(fixture.count("calls") == 0)
        #expect(try length.call(Array(#"{"text":"12345"}"#.utf8)).run().text == "5")
    }

    @Test("bytes: what isn't of the encoding, and more than the bound or the length's type can hold")
    func bytes() throws {
        let parts: [ForeignParameter] = [.length("data", .uint8), .output("out", .bytes, 8), .written("out")]
        func copy(_ encoding: ForeignEncoding, _ limit: Int) throws -> ForeignFunction {
            try function(
                "copy_uint8", [ForeignParameter("data", .bytes, encoding: encoding, limit: limit)] + parts, .nothing)
        }
        let hex = try copy(.hex, 300)
        for text in ["0", "0g", "é0"] {
            let words = "The argument 'data' must be hexadecimal digits, two for each byte."
            #expect(hex.refusal(#"{"data":"\#(text)"}"#) == words)
        }
        let base64 = try copy(.base64, 300)
        for text in ["A", "AAA", "A===", "AA=A", "====", "AA A", "AA-_"] {
            #expect(base64.refusal(#"{"data":"\#(text)"}"#) == "The argument 'data' must be base64 with its padding.")
        }
        let long = String(repeating: "00", count: 256)
        #expect(hex.refusal(#"{"data":"\#(long)"}"#) == "The argument 'data' is too long for the function.")
        #expect(
            try copy(.text, 3).refusal(#"{"data":"abcd"}"#)
                == "The argument 'data' has 4 bytes, and at most 3 are allowed.")
        #expect(fixture.count("calls") == 0)
    }

    @Test("arrays: a wrong type, a wrong element, too many")
    func arrays() throws {
        let copy = try function(
            "copy_int8",
            [
                ForeignParameter("numbers", .array(.scalar(.int8)), limit: 3), .length("numbers"),
                .output("out", .array(.scalar(.int8)), 3), .written("out"),
            ], .nothing)
        #expect(copy.refusal(#"{"numbers":"1"}"#) == "The argument 'numbers' must be an array, not a string.")
        #expect(
            copy.refusal(#"{"numbers":[1,200]}"#)
                == "The argument 'numbers[1]' must be an integer from -128 to 127, not 200.")
        #expect(
            copy.refusal(#"{"numbers":[1,2,3,4]}"#)
                == "The argument 'numbers' has 4 elements, and at most 3 are allowed.")
        let sort = try function(
            "qsort", [ForeignParameter("texts", .array(.string), .updated), .length("texts")], .nothing)
        #expect(sort.refusal(#"{"texts":["a",2]}"#) == "The argument 'texts[1]' must be a string, not 2.")
        #expect(
            sort.refusal(#"{"texts":["a\u0000"]}"#) == "The argument 'texts[0]' must not hold the character U+0000.")
        #expect(fixture.count("calls") == 0)
    }

    @Test("structs: a missing field, one too many, a wrong one inside")
    func structs() throws {
        let small = ForeignStructure([("a", .scalar(.int8)), ("b", .scalar(.float))])
        let outer = ForeignStructure([("inner", .structure(small))])
        let echo = try function("echo_small", [.given("x", .structure(outer))], .nothing)
        #expect(echo.refusal(#"{"x":[]}"#) == "The argument 'x' must be an object, not an array.")
        #expect(echo.refusal(#"{"x":{"inner":{"a":1}}}"#) == "The argument 'x.inner.b' is missing.")
        #expect(
            echo.refusal(#"{"x":{"inner":{"a":1000,"b":1}}}"#)
                == "The argument 'x.inner.a' must be an integer from -128 to 127, not 1000.")
        #expect(
            echo.refusal(#"{"x":{"inner":{"a":1,"b":1},"c":1}}"#)
                == "The argument 'x' has members that the struct hasn't.")
        #expect(fixture.count("calls") == 0)
    }

    @Test("arguments that are no object, lack one, or have one too many")
    func shape() throws {
        let length = try function("length", [.given("text", .string)])
        for json in ["[]", "null", "1"] {
            #expect(length.refusal(json) == "The arguments must be one JSON object.")
        }
        // The last is a number of more than 64 bits.
        for json in ["", "{", #"{"text":"a","text":"b"}"#, #"{"text":18446744073709551616}"#] {
            #expect(length.refusal(json) == "The arguments can't be read as JSON.")
        }
        #expect(length.refusal("{}") == "The argument 'text' is missing.")
        #expect(length.refusal(#"{"text":"a","txet":1}"#) == "The argument 'txet' isn't one of this function's.")
        #expect(fixture.count("calls") == 0)
    }

    @Test("an output whose room the model asks for is bounded")
    func rooms() throws {
        func fill(_ scalar: ForeignScalar) throws -> ForeignFunction {
            try function(
                "words",
                [
                    ForeignParameter(
                        "out", .string, .output(ForeignCapacity(0, argument: "room")), limit: 100),
                    .given("room", .scalar(scalar)),
                ], .nothing)
        }
        let words = "The argument 'room' asks for an output that can't be had: it may have 100 at most."
        #expect(try fill(.long).refusal(#"{"room":101}"#) == words)
        #expect(try fill(.long).refusal(#"{"room":-1}"#) == words)
        #expect(try fill(.ulong).refusal(#"{"room":18446744073709551615}"#) == words)
        #expect(fixture.count("calls") == 0)
        #expect(try fill(.long).call(Array(#"{"room":5}"#.utf8)).run().text == "a few")
    }

    @Test("whatever the arguments are, nothing crashes, and only what fits is called")
    func fuzz() throws {
        let echo = try function("echo_int8", [.given("x", .scalar(.int8))])
        let length = try function("length", [ForeignParameter("text", .string, limit: 8)])
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"x\"", "\"text\"", "\"", "\\u0000", "\\ud800", "127", "128", "-128", "1e1",
            "1.5", "-0", "0.0", "true", "null", "\"\"", "\"abc\"", "\u{1F600}", "1e400", " ", "\u{0}", "00",
            "\"123456789\"",
        ]
        var random = SystemRandomNumberGenerator()
        var called = 0
        for round in 0..<20_000 {
            var json = ""
            if round.isMultiple(of: 2) {
                for _ in 0..<Int.random(in: 0..<8, using: &random) { json += pieces.randomElement(using: &random)! }
            } else {
                json = "{\"\(round.isMultiple(of: 3) ? "x" : "text")\":" + pieces.randomElement(using: &random)! + "}"
            }
            for function in [echo, length] {
                let call: ForeignCall
                do throws(ForeignRefusal) { call = try function.call(Array(json.utf8)) } catch {
                    #expect(error.message.hasPrefix("The argument"))
                    continue
                }
                let number = Int(try call.run().text)
                called += 1
                let limit = function === echo ? -128...127 : 0...8
                #expect(number.map { limit.contains($0) } == true, "\(json)")
            }
        }
        #expect(called > 100)
        #expect(fixture.count("calls") == called)
    }
}
