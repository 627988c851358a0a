import PatchbayJSON

/// The rules that a schema keeps where it is given with `strict: true`, as OpenAI has them: every object says that it
/// has no other members and requires all of its own, and the language is the part that a grammar can be made of.
package struct StrictSchema {
    private static let maxDepth = 10
    private static let maxProperties = 5000
    private static let maxValues = 1000

    private let root: JSONValue
    private var properties = 0
    private var values = 0
    /// Steps that were taken to find what references mean.
    private var searched = 0

    /// The first rule that `schema` breaks, its path that of the place in the schema; nil if it keeps them all.
    package static func problem(in schema: JSONValue) -> SchemaProblem? {
        guard schema["type"]?.stringEquals("object") == true else {
            return SchemaProblem("is not a schema of type 'object', which the top must be").inside("type")
        }
        if schema.has("anyOf") { return SchemaProblem("is not permitted at the top").inside("anyOf") }
        var rules = StrictSchema(root: schema)
        return rules.check(schema, depth: 0)
    }

    private init(root: JSONValue) {
        self.root = root
    }

    private mutating func check(_ schema: JSONValue, depth: Int) -> SchemaProblem? {
        guard schema.kind == .object else { return SchemaProblem("is \(schema.kind), and a schema is expected") }
        guard depth <= Self.maxDepth else {
            return SchemaProblem("is deeper than \(Self.maxDepth) levels")
        }
        for name in Self.refused where schema.has(name) {
            return SchemaProblem("is not permitted").inside("\(name)")
        }
        if let reference = schema["$ref"] {
            let target = reference.string.flatMap { JSONSchema.resolve($0, in: root, cost: &searched) }
            guard searched <= JSONSchema.maxSteps else {
                return SchemaProblem("is one reference too many to be followed").inside("$ref")
            }
            guard target != nil else {
                return SchemaProblem("refers to something that isn't there").inside("$ref")
            }
        }
        guard Self.shapes.contains(where: { schema.has($0) }) else { return SchemaProblem("has no 'type'") }
        values += schema["enum"]?.count ?? 0
        guard values <= Self.maxValues else {
            return SchemaProblem("makes more than \(Self.maxValues) values in all").inside("enum")
        }
        if schema.isOfSchemaType("object") || schema.has("properties") {
            if let problem = checkObject(schema, depth: depth) { return problem }
        }
        if schema.isOfSchemaType("array") {
            guard let items = schema["items"] else { return SchemaProblem("is missing").inside("items") }
            if let problem = check(items, depth: depth + 1) { return problem.inside("items") }
        }
        for (index, part) in (schema["anyOf"]?.elements ?? schema.elements).enumerated() {
            if let problem = check(part, depth: depth + 1) { return problem.inside(index).inside("anyOf") }
        }
        for group in ["$defs", "definitions"] as [StaticString] {
            for member in schema[group].map({ Array($0.members) }) ?? [] {
                if let problem = check(member.value, depth: depth + 1) {
                    return problem.inside(member.key).inside("\(group)")
                }
            }
        }
        return nil
    }

    private mutating func checkObject(_ schema: JSONValue, depth: Int) -> SchemaProblem? {
        guard schema["additionalProperties"]?.bool == false else {
            return SchemaProblem("is required to be supplied and to be false").inside("additionalProperties")
        }
        let names = schema["properties"]?.members.map(\.key) ?? []
        properties += names.count
        guard properties <= Self.maxProperties else {
            return SchemaProblem("makes more than \(Self.maxProperties) properties in all").inside("properties")
        }
        let required = Set(schema["required"]?.elements.compactMap(\.string) ?? [])
        if let missing = names.first(where: { !required.contains($0) }) {
            return SchemaProblem("must include every property, and '\(missing.prefix(64))' is missing")
                .inside("required")
        }
        if let extra = required.subtracting(names).min() {
            return SchemaProblem("names '\(extra.prefix(64))', which is no property").inside("required")
        }
        for member in schema["properties"].map({ Array($0.members) }) ?? [] {
            if let problem = check(member.value, depth: depth + 1) {
                return problem.inside(member.key).inside("properties")
            }
        }
        return nil
    }

    private static let refused: [StaticString] = [
        "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties",
    ]

    private static let shapes: [StaticString] = ["type", "$ref", "anyOf", "enum", "const"]
}

extension JSONValue {
    /// Whether the schema here says this type, alone or among others.
    fileprivate func isOfSchemaType(_ name: StaticString) -> Bool {
        guard let type = self["type"] else { return false }
        return type.stringEquals(name) || type.elements.contains { $0.stringEquals(name) }
    }
}
