import Foundation
import PatchbayJSON
import Testing

@Suite struct NumberTests {
    @Test func integersOf64BitsAreExact() throws {
        #expect(try JSONDocument.parse("9223372036854775807").root.int == Int.max)
        #expect(try JSONDocument.parse("-9223372036854775808").root.int == Int.min)
        #expect(try JSONDocument.parse("0").root.int == 0)
        #expect(try JSONDocument.parse("-0").root.int == 0)
        #expect(try JSONDocument.parse("-17").root.int == -17)
        #expect(try JSONDocument.parse("-17").root.uint64 == nil)
        let large = try JSONDocument.parse("18446744073709551615").root
        #expect(large.int == nil)
        #expect(large.uint64 == UInt64.max)
        #expect(large.double == 18446744073709551615.0)
    }

    @Test(arguments: ["5.0", "5e0", "50e-1", "5.00E0"])
    func aNumberWithFractionOrExponentIsNoInteger(_ json: String) throws {
        let value = try JSONDocument.parse(json).root
        #expect(value.kind == .double)
        #expect(value.int == nil)
        #expect(value.uint64 == nil)
        #expect(value.double == 5)
    }

    @Test(arguments: [
        ("0.1", 0.1), ("1e308", 1e308), ("1.7976931348623157e308", Double.greatestFiniteMagnitude),
        ("-1.5E-7", -1.5e-7),
        ("4.9e-324", 4.9e-324), ("2.2250738585072011e-308", 2.2250738585072011e-308), ("1E+2", 100), ("3", 3),
        ("9007199254740993", 9007199254740992), ("0e999", 0), ("1e-999", 0), ("0.0000e+9999999999999999999", 0),
    ])
    func doublesAreRoundedToTheNearest(_ json: String, _ expected: Double) throws {
        #expect(try JSONDocument.parse(json).root.double == expected)
    }

    @Test func numbersOfHundredsOfDigitsAreJudgedByTheirSize() throws {
        let zeros = String(repeating: "0", count: 400)
        #expect(try JSONDocument.parse("0.\(zeros)1e401").root.double == 1)
        #expect(try JSONDocument.parse("1\(zeros).0e-400").root.double == 1)
        #expect(try JSONDocument.parse("0.\(zeros)1").root.double == 0)
        #expect(throws: JSONError.self) { try JSONDocument.parse("1\(zeros).0") }
        #expect(throws: JSONError.self) { try JSONDocument.parse("1\(zeros)e-10") }
    }

    @Test(arguments: [
        "9223372036854775808000", "-9223372036854775809", "18446744073709551616", "99999999999999999999",
        "1234567890123456789012345678901234567890", "-1234567890123456789012345678901234567890", "1e999", "-1e999",
        "1.8e308", "1e99999999999999999999999",
    ])
    func aNumberOutOfRangeIsAnError(_ json: String) {
        #expect(throws: error(at: 6, "the number is out of range")) { try JSONDocument.parse("{\"a\":\n\(json)}") }
    }

    @Test(arguments: [
        "01", "-", "-01", "1.", "1.e1", "1e", "1e+", "1.5.5", "1a", "0x10", "1_000", "--1", "1e1.5", "1-", "12\"a\"",
        "1\u{0}",
    ])
    func whatOnlyLooksLikeANumberIsAnError(_ json: String) {
        #expect(throws: error(at: 1, "not a number")) { try JSONDocument.parse("[\(json)]") }
    }

    @Test(arguments: ["+1", ".5", "NaN", "Infinity", "nan", "١"])
    func whatIsNoNumberAtAllIsAnError(_ json: String) throws {
        #expect(throws: JSONError(kind: .syntax, offset: 1, message: "invalid JSON at byte 1: expected a value")) {
            try JSONDocument.parse("[\(json)]")
        }
    }

    private func error(at offset: Int, _ what: String) -> JSONError {
        JSONError(kind: .number, offset: offset, message: "invalid JSON at byte \(offset): \(what)")
    }
}
