import PatchbayJSON
import PatchbaySchema
import Testing

@Suite struct SchemaFormTests {
    private func problem(_ schema: String) throws -> SchemaProblem? {
        SchemaForm.problem(inParameters: try JSONDocument.parse(schema).root)
    }

    @Test(arguments: [
        #"{"type":"object"}"#, #"{"type":"object","properties":{},"additionalProperties":false}"#,
        ##"{"type":"object","properties":{"a":{"$ref":"#/$defs/x"},"type":{"type":["string","null"]}},"required":["a"],"$defs":{"x":{"enum":[1,null]}}}"##,
        #"{"type":"object","properties":{"a":{"type":"array","items":{"anyOf":[true,{"minimum":1.5}]},"minItems":1}},"format":7}"#,
    ])
    func `a schema of parameters passes`(schema: String) throws {
        #expect(try problem(schema) == nil)
    }

    @Test(arguments: [
        ("[]", "", "is an array"), ("{}", ".type", "is not 'object'"),
        (#"{"type":"array"}"#, ".type", "is not 'object'"),
        (#"{"type":"object","properties":[]}"#, ".properties", "an object of schemas is expected"),
        (#"{"type":"object","properties":{"a":{"type":"text"}}}"#, ".properties.a.type", "is no type"),
        (#"{"type":"object","properties":{"a":{"type":["string","x"]}}}"#, ".properties.a.type[1]", "is no type"),
        (#"{"type":"object","properties":{"a":7}}"#, ".properties.a", "a schema is expected"),
        (#"{"type":"object","required":[1]}"#, ".required[0]", "a name is expected"),
        (
            #"{"type":"object","properties":{"a":{"items":{"enum":[]}}}}"#, ".properties.a.items.enum",
            "a list of values"
        ),
        (#"{"type":"object","properties":{"a":{"minLength":-1}}}"#, ".properties.a.minLength", "a count"),
        (#"{"type":"object","properties":{"a":{"maximum":"9"}}}"#, ".properties.a.maximum", "a number"),
        (#"{"type":"object","anyOf":[{"type":"object"},3]}"#, ".anyOf[1]", "a schema is expected"),
        (##"{"type":"object","properties":{"a":{"$ref":"#/x"}}}"##, ".properties.a.$ref", "isn't there"),
    ])
    func `one that isn't well-formed is refused by its path`(schema: String, path: String, words: String) throws {
        let problem = try problem(schema)
        #expect(problem?.path == path && problem?.message.contains(words) == true)
    }

    @Test func `a schema without end is refused`() throws {
        let deep = String(repeating: #"{"items":"#, count: 90) + "true" + String(repeating: "}", count: 90)
        #expect(try problem(#"{"type":"object","properties":{"a":\#(deep)}}"#)?.message == "is too complex")
        let wide = (0..<10_001).map { #""p\#($0)":{}"# }.joined(separator: ",")
        #expect(try problem(#"{"type":"object","properties":{\#(wide)}}"#)?.message == "is too complex")
    }
}
