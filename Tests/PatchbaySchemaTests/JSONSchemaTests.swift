// swift-format-ignore-file
import PatchbayJSON
import PatchbaySchema
import Testing

@Suite struct JSONSchemaTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONDocument.parse(Array(text.utf8)).root
    }

    private func problem(_ schema: String, _ value: String) throws -> SchemaProblem? {
        JSONSchema(try json(schema)).problem(in: try json(value))
    }

    @Test(arguments: [
        (##"{}"##, ##"[1,"a",null]"##),
        (##"true"##, ##"1"##),
        (##"{"type":"integer"}"##, ##"5.0"##),
        (##"{"type":["string","null"]}"##, ##"null"##),
        (##"{"type":"something new"}"##, ##"1"##),
        (##"{"enum":["a",1,{"b":[1]}]}"##, ##"{"b":[1.0]}"##),
        (##"{"const":{"a":1,"b":2}}"##, ##"{"b":2,"a":1}"##),
        (##"{"anyOf":[{"type":"string"},{"type":"number"}]}"##, ##"1.5"##),
        (##"{"oneOf":[{"minimum":3},{"maximum":1}]}"##, ##"0"##),
        (##"{"allOf":[{"minimum":3},{"maximum":4}]}"##, ##"3"##),
        (##"{"not":{"type":"string"}}"##, ##"3"##),
        (##"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"##, ##"{"a":"x"}"##),
        (##"{"additionalProperties":{"type":"number"},"properties":{"a":{}}}"##, ##"{"a":"x","b":1}"##),
        (##"{"additionalProperties":false,"patternProperties":{"^x":{}}}"##, ##"{"x1":1}"##),
        (##"{"items":{"type":"number"},"minItems":1,"maxItems":2}"##, ##"[1,2]"##),
        (##"{"prefixItems":[{"type":"string"}],"items":{"type":"number"}}"##, ##"["a",1,2]"##),
        (##"{"minLength":2,"maxLength":2}"##, ##""äö""##),
        (##"{"multipleOf":0.1}"##, ##"0.3"##),
        (##"{"pattern":"^a$","format":"date"}"##, ##""zzz""##),
        (##"{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"null"}}}"##, ##"null"##),
        (##"{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}"##, ##"{"next":{"next":{"next":null}}}"##),
    ])
    func `what fits, fits`(schema: String, value: String) throws {
        #expect(try problem(schema, value) == nil)
    }

    @Test(arguments: [
        (##"false"##, ##"1"##, "", "is not allowed here"),
        (##"{"type":"integer"}"##, ##"5.5"##, "", "integer is expected"),
        (##"{"type":["string","null"]}"##, ##"1"##, "", "string or null is expected"),
        (##"{"enum":["a"]}"##, ##""b""##, "", "none of the values"),
        (##"{"const":1}"##, ##"2"##, "", "not the one value"),
        (##"{"anyOf":[{"type":"string"},{"type":"null"}]}"##, ##"1"##, "", "none of the alternatives"),
        (##"{"oneOf":[{"minimum":1},{"maximum":4}]}"##, ##"3"##, "", "fits 2 of"),
        (##"{"allOf":[{"minimum":3}]}"##, ##"2"##, "", "less than 3"),
        (##"{"not":{"type":"string"}}"##, ##""a""##, "", "excludes"),
        (##"{"required":["a"]}"##, ##"{"b":1}"##, "", "lacks 'a'"),
        (##"{"additionalProperties":false,"properties":{"a":{}}}"##, ##"{"a":1,"b":1}"##, ".b", "not a member"),
        (##"{"properties":{"a":{"items":{"properties":{"b":{"type":"string"}}}}}}"##, ##"{"a":[{"b":"x"},{"b":1}]}"##, ".a[1].b", "string is expected"),
        (##"{"additionalProperties":{"type":"number"}}"##, ##"{"b":"x"}"##, ".b", "number is expected"),
        (##"{"minItems":1}"##, ##"[]"##, "", "fewer than 1 elements"),
        (##"{"maxItems":1}"##, ##"[1,2]"##, "", "more than 1 elements"),
        (##"{"minProperties":1}"##, ##"{}"##, "", "fewer than 1 members"),
        (##"{"minLength":3}"##, ##""äö""##, "", "fewer than 3"),
        (##"{"maxLength":1}"##, ##""äö""##, "", "more than 1"),
        (##"{"maximum":1}"##, ##"1.5"##, "", "more than 1"),
        (##"{"exclusiveMinimum":1}"##, ##"1"##, "", "not more than 1"),
        (##"{"exclusiveMaximum":1}"##, ##"1"##, "", "not less than 1"),
        (##"{"multipleOf":3}"##, ##"7"##, "", "not a multiple"),
        (##"{"$ref":"#/$defs/none"}"##, ##"1"##, "", "isn't there"),
        (##"{"$ref":"https://example.org/schema"}"##, ##"1"##, "", "isn't there"),
        (##"{"$ref":"#"}"##, ##"1"##, "", "too complex"),
    ])
    func `what doesn't fit is named by its place`(schema: String, value: String, path: String, words: String) throws {
        let problem = try #require(try problem(schema, value))
        #expect(problem.path == path)
        #expect(problem.message.contains(words))
    }

    @Test func `a check that would take for ever is given up`() throws {
        // Each level doubles the work: 2^30 steps in all.
        var schema = ##"{"type":"string"}"##
        for _ in 0..<30 { schema = ##"{"anyOf":[{"$ref":"#/$defs/x"},{"$ref":"#/$defs/x"}],"$defs":{"x":\##(schema)}}"## }
        let doubling = ##"{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"not":{"$ref":"#/$defs/b"}},{"not":{"$ref":"#/$defs/b"}}]},"b":{"anyOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}]}}}"##
        #expect(try problem(doubling, "1")?.message.contains("too complex") == true)
        #expect(try problem(schema, "1") != nil)
    }

    @Test func `looking up references and reading lists counts as work`() throws {
        // Each reference goes through all definitions, and each alternative through a list or a long word: without a
        // bound, the number of the one times the length of the other.
        let references = Array(repeating: ##"{"$ref":"#/$defs/last"}"##, count: 40_000).joined(separator: ",")
        let fillers = (0..<40_000).map { ##""d\##($0)":{"type":"null"}"## }.joined(separator: ",")
        let many = ##"{"anyOf":[\##(references)],"$defs":{\##(fillers),"last":{"type":"null"}}}"##
        #expect(try problem(many, "1")?.message.contains("too complex") == true)
        let strict = ##"{"type":"object","additionalProperties":false,"properties":{"a":\##(many.dropLast())}},"##
            + ##""required":["a"],"$defs":{\##(fillers),"last":{"type":"null"}}}"##
        #expect(try StrictSchema.problem(in: json(strict))?.message.contains("too many") == true)
        let names = Array(repeating: ##""a""##, count: 40_000).joined(separator: ",")
        for dear in [##""type":[\##(names)]"##, ##""type":"\##(String(repeating: "a", count: 100_000))""##] {
            let schema = ##"{"anyOf":[\##(references)],"$defs":{"last":{\##(dear),"const":2}}}"##
            #expect(try problem(schema, "1")?.message.contains("too complex") == true)
        }
    }

    @Test(arguments: [
        ##"{"type":"object","properties":{},"required":[],"additionalProperties":false}"##,
        ##"{"type":"object","properties":{},"additionalProperties":false}"##,
        ##"{"type":"object","properties":{"a":{"type":["object","null"],"properties":{"b":{"enum":["x"]}},"required":["b"],"additionalProperties":false},"c":{"type":"array","items":{"$ref":"#/$defs/d"}}},"required":["a","c"],"additionalProperties":false,"$defs":{"d":{"anyOf":[{"type":"string"},{"type":"null"}]}}}"##,
    ])
    func `strict schemas pass`(schema: String) throws {
        #expect(try StrictSchema.problem(in: json(schema)) == nil)
    }

    @Test(arguments: [
        (##"{}"##, ".type"),
        (##"{"type":"array","items":{}}"##, ".type"),
        (##"{"type":"object"}"##, ".additionalProperties"),
        (##"{"type":"object","additionalProperties":true}"##, ".additionalProperties"),
        (##"{"type":"object","additionalProperties":false,"anyOf":[]}"##, ".anyOf"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}}"##, ".required"),
        (##"{"type":"object","additionalProperties":false,"properties":{},"required":["a"]}"##, ".required"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":{}},"required":["a"]}"##, ".properties.a"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":7},"required":["a"]}"##, ".properties.a"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"array"}},"required":["a"]}"##, ".properties.a.items"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":{"oneOf":[]}},"required":["a"]}"##, ".properties.a.oneOf"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":{"$ref":"#/$defs/x"}},"required":["a"]}"##, ".properties.a.$ref"),
        (##"{"type":"object","additionalProperties":false,"properties":{"a":{"anyOf":[{"type":"string"},{"type":"object"}]}},"required":["a"]}"##, ".properties.a.anyOf[1].additionalProperties"),
        (##"{"type":"object","additionalProperties":false,"$defs":{"d":{"type":"object"}}}"##, ".$defs.d.additionalProperties"),
    ])
    func `what isn't strict is named by its place`(schema: String, path: String) throws {
        #expect(try StrictSchema.problem(in: json(schema))?.path == path)
    }
}
