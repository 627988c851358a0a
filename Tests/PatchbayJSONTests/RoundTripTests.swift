import PatchbayJSON
import Testing

@Suite struct RoundTripTests {
    @Test func whatIsWrittenReadsBackEqual() throws {
        var random = SeededGenerator(seed: 1)
        let parser = JSONParser()
        for _ in 0..<3_000 {
            let value = random.value(depth: 4)
            let document = try parser.parse(value.json)
            #expect(JSONModel(document.root) == value)
            #expect(Array(document.root.raw) == value.json)
        }
    }

    @Test func eachValuesRawParsesToThatValue() throws {
        var random = SeededGenerator(seed: 2)
        let parser = JSONParser()
        func check(_ value: JSONValue) throws {
            #expect(JSONModel(try parser.parse(value.raw).root) == JSONModel(value))
            for element in value.elements { try check(element) }
            for member in value.members {
                #expect(value[key: member.key].map { $0.raw } == member.value.raw)
                try check(member.value)
            }
        }
        for _ in 0..<300 { try check(try parser.parse(random.value(depth: 4).json).root) }
    }
}
