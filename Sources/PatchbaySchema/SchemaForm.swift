import PatchbayJSON

/// Whether a schema is well-formed where `JSONSchema` looks: a keyword whose value makes no sense is ignored there, so
/// that who writes a schema for others is told of it here.
package struct SchemaForm {
    /// Schemas inside one another, and all of them together.
    private static let maxDepth = 64
    private static let maxSchemas = 10_000

    private let root: JSONValue
    private var schemas = 0
    private var searched = 0

    /// What is wrong with the parameters of a function, its path that of the place in the schema; nil if nothing is. The
    /// top is a schema of type `object`.
    package static func problem(inParameters schema: JSONValue) -> SchemaProblem? {
        guard schema.kind == .object else { return SchemaProblem("is \(schema.kind), and a schema is expected") }
        guard schema["type"]?.stringEquals("object") == true else {
            return SchemaProblem("is not 'object', which the parameters' type must be").inside("type")
        }
        var form = SchemaForm(root: schema)
        return form.check(schema, depth: 0)
    }

    private init(root: JSONValue) {
        self.root = root
    }

    private mutating func check(_ schema: JSONValue, depth: Int) -> SchemaProblem? {
        if schema.kind == .bool { return nil }
        guard schema.kind == .object else { return SchemaProblem("is \(schema.kind), and a schema is expected") }
        schemas += 1
        guard depth <= Self.maxDepth, schemas <= Self.maxSchemas else { return SchemaProblem("is too complex") }
        for member in schema.members {
            if let problem = check(member.key, member.value, depth: depth) { return problem.inside(member.key) }
        }
        return nil
    }

    private mutating func check(_ keyword: String, _ value: JSONValue, depth: Int) -> SchemaProblem? {
        switch keyword {
        case "type": return Self.checkType(value)
        case "properties", "$defs", "definitions", "patternProperties":
            guard value.kind == .object else { return expected("an object of schemas", value) }
            for member in value.members {
                if let problem = check(member.value, depth: depth + 1) { return problem.inside(member.key) }
            }
        case "anyOf", "oneOf", "allOf", "prefixItems":
            guard value.kind == .array, value.count > 0 else { return expected("a list of schemas", value) }
            for (index, part) in value.elements.enumerated() {
                if let problem = check(part, depth: depth + 1) { return problem.inside(index) }
            }
        case "items", "not", "additionalProperties": return check(value, depth: depth + 1)
        case "required":
            guard value.kind == .array else { return expected("a list of names", value) }
            for (index, name) in value.elements.enumerated() where name.kind != .string {
                return expected("a name", name).inside(index)
            }
        case "enum":
            guard value.kind == .array, value.count > 0 else { return expected("a list of values", value) }
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
            guard value.kind == .integer || value.kind == .double else { return expected("a number", value) }
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            guard let count = value.int, count >= 0 else { return expected("a count", value) }
        case "$ref":
            guard let reference = value.string else { return expected("a reference", value) }
            let target = JSONSchema.resolve(reference, in: root, cost: &searched)
            guard searched <= JSONSchema.maxSteps else { return SchemaProblem("is one reference too many") }
            guard target != nil else { return SchemaProblem("refers to something that isn't there") }
        default: break
        }
        return nil
    }

    private static func checkType(_ value: JSONValue) -> SchemaProblem? {
        let types = ["object", "array", "string", "number", "integer", "boolean", "null"]
        func isKnown(_ value: JSONValue) -> Bool { value.string.map(types.contains) ?? false }
        if value.kind == .array, value.count > 0 {
            for (index, type) in value.elements.enumerated() where !isKnown(type) {
                return SchemaProblem("is no type of JSON").inside(index)
            }
            return nil
        }
        return isKnown(value) ? nil : SchemaProblem("is no type of JSON")
    }

    private func expected(_ what: String, _ value: JSONValue) -> SchemaProblem {
        SchemaProblem("is \(value.kind), and \(what) is expected")
    }
}
