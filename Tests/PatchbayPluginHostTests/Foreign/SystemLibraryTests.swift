import Foundation
import Testing

@testable import PatchbayPluginHost

/// Functions of libraries that Debian has, called as the configuration describes them.
@Suite struct SystemLibraryTests {
    private static func checksum(_ symbol: String, start: String) -> ForeignSignature {
        ForeignSignature(
            "libz.so.1", symbol,
            [.constant(.scalar(.ulong), start), .given("data", .bytes), .length("data", .uint)],
            ForeignResult(.scalar(.ulong)))
    }

    @Test("zlib: crc32 and adler32 of a text")
    func checksums() throws {
        #expect(try Self.checksum("crc32", start: "0").run(#"{"data":"123456789"}"#) == "3421780262")
        #expect(try Self.checksum("adler32", start: "1").run(#"{"data":"Wikipedia"}"#) == "300286872")
        #expect(try Self.checksum("crc32", start: "0").run(#"{"data":""}"#) == "0")
        #expect(try Self.checksum("crc32", start: "0").run(#"{"data":"Grüße\u0000!"}"#) == "1804714233")
    }

    @Test("zlib: an output buffer whose room depends on an argument, with its length in and out, and a status")
    func compression() throws {
        let compress = ForeignSignature(
            "libz.so.1", "compress",
            [
                ForeignParameter(
                    "packed", .bytes, .output(ForeignCapacity(64, argument: "data", times: 2)), encoding: .base64),
                .written("packed", .ulong), .given("data", .bytes), .length("data", .ulong),
            ], ForeignResult(.scalar(.int), name: "", success: .values([0]), errorText: "zError"))
        let uncompress = ForeignSignature(
            "libz.so.1", "uncompress",
            [
                .output("data", .bytes, 100), .written("data", .ulong),
                ForeignParameter("packed", .bytes, encoding: .base64), .length("packed", .ulong),
            ], ForeignResult(.scalar(.int), name: "", success: .values([0]), errorText: "zError"))
        let text = "abcabcabcabcabcabcabc"
        let packed = try compress.run(#"{"data":"\#(text)"}"#)
        #expect(packed.hasPrefix("eJ"))
        #expect(try uncompress.run(#"{"packed":"\#(packed)"}"#) == text)
        #expect(
            try ForeignFunction(uncompress).failure(#"{"packed":"AAAA"}"#)
                == "uncompress failed with the status -3: data error")
        let long = try compress.run(#"{"data":"\#(String(repeating: "x", count: 101))"}"#)
        #expect(
            try ForeignFunction(uncompress).failure(#"{"packed":"\#(long)"}"#)
                == "uncompress failed with the status -5: buffer error")
    }

    @Test("libm: doubles and ints")
    func mathematics() throws {
        let two: [ForeignParameter] = [.given("x", .scalar(.double)), .given("y", .scalar(.double))]
        #expect(try ForeignSignature("libm.so.6", "pow", two, .double).run(#"{"x":2,"y":0.5}"#) == "1.4142135623730951")
        #expect(try ForeignSignature("libm.so.6", "hypot", two, .double).run(#"{"x":3,"y":4}"#) == "5.0")
        #expect(try ForeignSignature("libm.so.6", "pow", two, .double).run(#"{"x":-1,"y":0.5}"#) == "NaN")
        #expect(try ForeignSignature("libm.so.6", "pow", two, .double).run(#"{"x":10,"y":400}"#) == "Infinity")
        let ldexp = ForeignSignature(
            "libm.so.6", "ldexp", [.given("x", .scalar(.double)), .given("exponent", .scalar(.int))], .double)
        #expect(try ldexp.run(#"{"x":0.75,"exponent":4}"#) == "12.0")
        let fma = ForeignSignature("libm.so.6", "fma", two + [.given("z", .scalar(.double))], .double)
        #expect(try fma.run(#"{"x":2,"y":3,"z":4}"#) == "10.0")
        let fmaf = ForeignSignature(
            "libm.so.6", "fmaf", ["x", "y", "z"].map { .given($0, .scalar(.float)) }, ForeignResult(.scalar(.float)))
        #expect(try fmaf.run(#"{"x":0.1,"y":1,"z":0}"#) == "0.1")
    }

    @Test("libm: an output beside the result makes an object")
    func outputs() throws {
        let frexp = ForeignSignature(
            "libm.so.6", "frexp", [.given("x", .scalar(.double)), .output("exponent", .scalar(.int))],
            ForeignResult(.scalar(.double), name: "fraction"))
        #expect(try frexp.run(#"{"x":12}"#) == #"{"fraction":0.75,"exponent":4}"#)
    }

    @Test("OpenSSL: SHA256 writes 32 bytes, shown in hexadecimal digits")
    func digest() throws {
        let sha256 = ForeignSignature(
            "libcrypto.so.3", "SHA256",
            [.given("data", .bytes), .length("data"), .output("digest", .bytes, 32, .hex)],
            ForeignResult(.pointer, success: .nonzero))
        #expect(
            try sha256.run(#"{"data":"abc"}"#) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("libsodium: a keyed hash, whose key is null")
    func sodium() throws {
        let hash = ForeignSignature(
            "libsodium.so.23", "crypto_generichash",
            [
                .output("hash", .bytes, 16, .hex), .length("hash"), .given("data", .bytes),
                .length("data", .uint64), .constant(.pointer, "null"), .constant(.scalar(.size), "0"),
            ], ForeignResult(.scalar(.int), name: "", success: .values([0])))
        #expect(try hash.run(#"{"data":"abc"}"#) == "cf4ab791c62b8d2b2109c90275287816")
    }

    @Test("libunistring: case folding into a buffer, and into memory of its own that is freed")
    func folding() throws {
        let start: [ForeignParameter] = [
            .given("text", .bytes), .length("text"), .constant(.pointer, "null"), .constant(.pointer, "null"),
        ]
        let room = ForeignCapacity(16, argument: "text", times: 3)
        let folded = ForeignSignature(
            "libunistring.so.2", "u8_casefold",
            start + [ForeignParameter("folded", .bytes, .output(room)), .written("folded")],
            ForeignResult(.pointer, success: .nonzero))
        #expect(try folded.run(#"{"text":"Straße ΑΣ"}"#) == "strasse ας".replacing("ς", with: "σ"))
        let lower = ForeignSignature(
            "libunistring.so.2", "u8_tolower", start + [.constant(.pointer, "null"), .written("result")],
            ForeignResult(.bytes, release: "free"))
        #expect(try lower.run(#"{"text":"ÄÖÜ"}"#) == "äöü")
    }

    @Test("libc: structs by value")
    func structs() throws {
        let fields: [(name: String, content: ForeignStructure.Content)] = [
            ("quot", .scalar(.int)), ("rem", .scalar(.int)),
        ]
        let div = ForeignSignature(
            "libc.so.6", "div", [.given("numerator", .scalar(.int)), .given("denominator", .scalar(.int))],
            ForeignResult(.structure(ForeignStructure(fields))))
        #expect(try div.run(#"{"numerator":-17,"denominator":5}"#) == #"{"quot":-3,"rem":-2}"#)
        let longs = fields.map { ($0.name, ForeignStructure.Content.scalar(.long)) }
        let ldiv = ForeignSignature(
            "libc.so.6", "ldiv", [.given("numerator", .scalar(.long)), .given("denominator", .scalar(.long))],
            ForeignResult(.structure(ForeignStructure(longs))))
        #expect(
            try ldiv.run(#"{"numerator":9223372036854775807,"denominator":10}"#)
                == #"{"quot":922337203685477580,"rem":7}"#)
    }

    @Test("libc: a text by its number")
    func texts() throws {
        let strerror = ForeignSignature(
            "libc.so.6", "strerror", [.given("number", .scalar(.int))], ForeignResult(.string))
        #expect(try strerror.run(#"{"number":2}"#) == "No such file or directory")
    }

    @Test("qsort sorts with a comparator that libffi makes: numbers of every width, and strings, both ways")
    func sorting() throws {
        func sort(_ element: ForeignElement, _ values: String, descending: Bool = false) throws -> String {
            try ForeignSignature(
                "libc.so.6", "qsort",
                [
                    ForeignParameter("values", .array(element), .updated), .length("values"),
                    .constant(.scalar(.size), "\(element.width)"),
                    ForeignParameter("", .callback, .order(of: "values", isDescending: descending)),
                ], .nothing
            ).run(#"{"values":\#(values)}"#)
        }
        for scalar in ForeignScalar.allCases where scalar.isInteger {
            #expect(try sort(.scalar(scalar), "[3,1,127,2,0]") == "[0,1,2,3,127]", "\(scalar)")
            #expect(try sort(.scalar(scalar), "[3,1,127,2,0]", descending: true) == "[127,3,2,1,0]", "\(scalar)")
        }
        #expect(try sort(.scalar(.int64), "[1,-9223372036854775808,9223372036854775807]").hasPrefix("[-92"))
        #expect(try sort(.scalar(.uint64), "[18446744073709551615,1]") == "[1,18446744073709551615]")
        #expect(try sort(.scalar(.double), "[2.5,-1,1e300,0]") == "[-1.0,0.0,2.5,1e+300]")
        #expect(try sort(.scalar(.float), "[0.5,0.1]") == "[0.1,0.5]")
        #expect(try sort(.scalar(.bool), "[true,false,true]") == "[false,true,true]")
        #expect(try sort(.string, #"["pear","apple","","fig"]"#) == #"["","apple","fig","pear"]"#)
        #expect(try sort(.string, #"["a","b"]"#, descending: true) == #"["b","a"]"#)
        #expect(try sort(.string, "[]") == "[]")
        let many = (0..<5000).map { ($0 &* 7919) % 5003 }
        #expect(try sort(.scalar(.int), "\(many)") == "\(many.sorted())".replacing(" ", with: ""))
    }

    @Test("the code that libffi makes for a callback can't be written to")
    func closureMemory() throws {
        let comparator = try ForeignComparator(of: .string, isDescending: false)
        let address = unsafe UInt(bitPattern: comparator.address)
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        let maps = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
        let rights = maps.split(separator: "\n").compactMap { line -> Substring? in
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return ends.count == 2 && (ends[0]..<ends[1]).contains(address) ? words[1] : nil
        }
        withExtendedLifetime(comparator) { #expect(rights == ["r-xp"]) }
    }
}
