import Foundation
import PatchbayJSON
import Testing

@Suite struct FloatTests {
    @Test func everyFloatReadsBackAsItself() throws {
        var generator = SeededGenerator(seed: 7)
        var numbers: [Float] = [0, -0.0, 1, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 0.1]
        while numbers.count < 5000 {
            let number = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &generator))
            if number.isFinite { numbers.append(number) }
        }
        var json = JSONWriter()
        json.array { json in
            json.numbers([Float]().span)
            json.numbers(numbers.span)
        }
        let root = try JSONDocument.parse(json.bytes).root
        #expect(root[0]?.count == 0)
        let read = try #require(root[1]).elements.map { Float(String(decoding: $0.raw, as: UTF8.self)) ?? .nan }
        #expect(read.map(\.bitPattern) == numbers.map(\.bitPattern))
    }

    @Test func floatsAsBase64AreTheirBytes() {
        for count in 0..<7 {
            let numbers = (0..<count).map { Float($0) - 2.5 }
            var json = JSONWriter()
            json.string(base64: numbers.span)
            let bytes = numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
            #expect(String(decoding: json.bytes, as: UTF8.self) == "\"\(Data(bytes).base64EncodedString())\"")
        }
    }
}
