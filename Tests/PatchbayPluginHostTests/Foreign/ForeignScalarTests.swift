import PatchbayJSON
import Testing

@testable import PatchbayPluginHost

/// Values of every type to C and back.
@Suite struct ForeignScalarTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture("foreign") }

    /// A random value of a type as JSON, often one at its borders.
    private static func value(_ scalar: ForeignScalar, _ random: inout SystemRandomNumberGenerator) -> String {
        switch scalar.form {
        case .bool: return Bool.random(using: &random) ? "true" : "false"
        case .float:
            let bits = UInt64.random(in: .min ... .max, using: &random)
            if scalar == .float {
                let float = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
                return float.isFinite ? float.description : "0.0"
            }
            let double = Double(bitPattern: bits)
            return double.isFinite ? double.description : "-0.0"
        case .signed, .unsigned:
            let edges = ["\(scalar.smallest)", "\(scalar.greatest)", "0", "1"]
            if UInt8.random(in: 0..<4, using: &random) == 0 { return edges.randomElement(using: &random) ?? "0" }
            let bits = UInt64.random(in: .min ... .max, using: &random)
            return scalar.form == .signed ? "\(scalar.signed(bits))" : "\(scalar.unsigned(bits))"
        }
    }

    @Test("every value of every type comes back from C as it went: by value, behind a pointer, and in arrays")
    func roundTrips() throws {
        var random = SystemRandomNumberGenerator()
        for scalar in ForeignScalar.allCases {
            let name = scalar.rawValue
            let echo = try ForeignFunction(
                ForeignSignature(
                    fixture.path, "echo_\(name)", [.given("x", .scalar(scalar))], ForeignResult(.scalar(scalar))))
            let store = try ForeignFunction(
                ForeignSignature(
                    fixture.path, "store_\(name)",
                    [.given("x", .scalar(scalar)), .output("out", .scalar(scalar))], .nothing))
            let copy = try ForeignFunction(
                ForeignSignature(
                    fixture.path, "copy_\(name)",
                    [
                        .given("in", .array(.scalar(scalar))), .length("in"),
                        ForeignParameter("out", .array(.scalar(scalar)), .output(ForeignCapacity(1, argument: "in"))),
                        .written("out"),
                    ], .nothing))
            for _ in 0..<500 {
                let json = Self.value(scalar, &random)
                let object = Array("{\"x\":\(json)}".utf8)
                #expect(try echo.call(object).run().text == json)
                #expect(try store.call(object).run().text == json)
            }
            for count in 0..<20 {
                let list = "[" + (0..<count).map { _ in Self.value(scalar, &random) }.joined(separator: ",") + "]"
                #expect(try copy.call(Array("{\"in\":\(list)}".utf8)).run().text == list)
            }
        }
    }

    @Test("arguments of many kinds at once, over registers and the stack")
    func many() throws {
        let types: [ForeignType] = [
            .scalar(.int8), .scalar(.uint64), .scalar(.float), .scalar(.double), .scalar(.int16), .string,
            .scalar(.bool), .scalar(.int64), .scalar(.uint8), .scalar(.double),
        ]
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        let many = ForeignSignature(
            fixture.path, "many", zip(names, types).map { .given($0, $1) }, .double)
        #expect(
            try many.run(
                #"{"a":-1,"b":1099511627776,"c":0.5,"d":0.25,"e":-300,"f":"four","g":true,"h":-5,"i":200,"j":0.125}"#)
                == "1099511627675.875")
    }

    @Test("structs by value: in registers, on the stack, one inside another, and their layout is C's")
    func structs() throws {
        let small = ForeignStructure([("a", .scalar(.int8)), ("b", .scalar(.float))])
        let large = ForeignStructure([
            ("a", .scalar(.int8)), ("b", .scalar(.double)), ("c", .structure(small)), ("d", .scalar(.uint64)),
            ("e", .scalar(.bool)),
        ])
        #expect(small.size == 8 && large.size == 40)
        let one = #"{"a":-7,"b":0.5}"#
        #expect(
            try ForeignSignature(
                fixture.path, "echo_small", [.given("x", .structure(small))], ForeignResult(.structure(small))
            ).run("{\"x\":\(one)}") == one)
        let two = #"{"a":1,"b":2.5,"c":{"a":3,"b":4.5},"d":18446744073709551615,"e":true}"#
        #expect(
            try ForeignSignature(
                fixture.path, "echo_large", [.given("x", .structure(large))], ForeignResult(.structure(large))
            ).run("{\"x\":\(two)}") == two)
        let three = #"{"a":1,"b":2.5,"c":{"a":3,"b":4.5},"d":10,"e":true}"#
        #expect(
            try ForeignSignature(
                fixture.path, "sum_large", [.given("x", .structure(large)), .given("more", .scalar(.int8))], .double
            ).run("{\"x\":\(three),\"more\":-1}") == "21.0")
    }

    @Test("bytes as hexadecimal digits and base64 come back as they went", arguments: [ForeignEncoding.hex, .base64])
    func encodings(_ encoding: ForeignEncoding) throws {
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            #expect(encoding.decode(encoding.encode(bytes)) == bytes)
        }
        #expect(ForeignEncoding.base64.encode(Array("Many hands".utf8)) == "TWFueSBoYW5kcw==")
        #expect(ForeignEncoding.hex.decode("00fFa0") == [0, 255, 160])
    }

    @Test("texts that C returns: null, what isn't UTF-8, one over its bound, one to be freed, bytes with a length")
    func texts() throws {
        #expect(try ForeignSignature(fixture.path, "null_text", [], ForeignResult(.string)).run("{}") == "null")
        #expect(try ForeignSignature(fixture.path, "broken_text", [], ForeignResult(.string)).run("{}") == "a\u{FFFD}b")
        #expect(
            try ForeignSignature(
                fixture.path, "upper", [.given("text", .string)], ForeignResult(.string, release: "give_back", limit: 3)
            ).run(#"{"text":"abcdef"}"#) == "ABC")
        let twice = ForeignSignature(
            fixture.path, "twice", [.given("data", .bytes), .length("data"), .written("result")],
            ForeignResult(.bytes, release: "give_back", limit: 5))
        #expect(try twice.run(#"{"data":"ab"}"#) == "abab")
        #expect(
            try ForeignFunction(twice).failure(#"{"data":"abc"}"#)
                == "twice has 6 of output, and there is room for 5.")
        #expect(fixture.count("freed") == 3)
        #expect(try ForeignSignature(fixture.path, "no_result", [], .nothing).run("{}") == "ok")
    }

    @Test("what is constant, null, or changed in its place")
    func roles() throws {
        let isNull = ForeignSignature(
            fixture.path, "is_null",
            [
                .constant(.pointer, "null"), .constant(.string, "null"), .constant(.bytes, "null"),
                .constant(.scalar(.size), "0"),
            ], .int)
        #expect(try isNull.run("{}") == "1")
        #expect(
            try ForeignSignature(fixture.path, "length", [.constant(.string, "\"four\"")], .int).run("{}") == "4")
        let evens = ForeignSignature(
            fixture.path, "evens",
            [ForeignParameter("numbers", .array(.scalar(.int32)), .updated), .written("numbers", .uint16)], .nothing)
        #expect(try evens.run(#"{"numbers":[1,2,3,4,-6]}"#) == "[2,4,-6]")
        let addOne = ForeignSignature(
            fixture.path, "add_one", [ForeignParameter("x", .scalar(.double), .updated)], .nothing)
        #expect(try addOne.run(#"{"x":1.5}"#) == "2.5")
    }

    @Test("a length that can't be is a failure, and nothing of the output is shown")
    func lies() throws {
        let fill = try ForeignFunction(
            ForeignSignature(
                fixture.path, "fill", [.output("out", .bytes, 4), .length("out"), .given("says", .scalar(.long))],
                ForeignResult(.scalar(.long), name: "", lengthOf: "out")))
        #expect(try fill.call(Array(#"{"says":3}"#.utf8)).run().text == "xxx")
        #expect(try fill.call(Array(#"{"says":0}"#.utf8)).run().text == "")
        #expect(try fill.failure(#"{"says":5}"#) == "fill has 5 of output, and there is room for 4.")
        #expect(
            try fill.failure(#"{"says":-1}"#) == "fill failed: it answered -1 for the length of its output.")
        let say = try ForeignFunction(
            ForeignSignature(
                fixture.path, "say_length",
                [.output("out", .bytes, 4), .written("out", .uint), .given("says", .scalar(.uint))],
                ForeignResult(.scalar(.int), name: "", success: .values([0]))))
        #expect(try say.call(Array(#"{"says":1}"#.utf8)).run().text == "y")
        #expect(
            try say.failure(#"{"says":4294967295}"#)
                == "say_length has 4294967295 of output, and there is room for 4.")
        let words = ForeignSignature(
            fixture.path, "words", [.output("out", .string, 7), .length("out")], .nothing)
        #expect(try words.run("{}") == "a few w")
    }

    @Test("a status that is no success fails, with its words")
    func statuses() throws {
        func check(_ success: ForeignResult.Success, _ words: String?) throws -> ForeignFunction {
            try ForeignFunction(
                ForeignSignature(
                    fixture.path, "check", [.given("text", .string)],
                    ForeignResult(.scalar(.int), name: "", success: success, errorText: words)))
        }
        let bad = #"{"text":"so bad"}"#
        #expect(try check(.values([0]), "check_words").failure(bad) == "check failed with the status -7: it is bad")
        #expect(try check(.values([0]), nil).failure(bad) == "check failed with the status -7.")
        #expect(try check(.nonnegative, nil).failure(bad) == "check failed with the status -7.")
        #expect(
            try check(.nonzero, "check_words").failure(#"{"text":""}"#) == "check failed with the status 0: unknown")
        #expect(try check(.values([-7]), nil).failure(bad) == nil)
        let find = try ForeignFunction(
            ForeignSignature(
                fixture.path, "find", [.given("text", .string)], ForeignResult(.pointer, success: .nonzero)))
        #expect(try find.failure(bad) == "find failed.")
        #expect(try find.call(Array(#"{"text":"good"}"#.utf8)).run().text == "ok")
    }
}
