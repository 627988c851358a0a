/// A JSON schema in the form of OpenAPI 3.0 that Gemini's older versions know: one type, `nullable`, `anyOf`.
/// What only annotates is left out; what this form can't say is refused with its path.
enum OpenAPISchema {
    private static let maxDepth = 64
    private static let copied: Set<String> = [
        "title", "description", "nullable", "minItems", "maxItems", "minLength", "maxLength", "minProperties",
        "maxProperties", "minimum", "maximum", "pattern", "default", "example", "propertyOrdering",
    ]
    private static let formats: Set<String> = ["enum", "date-time", "float", "double", "int32", "int64"]
    private static let refused: Set<String> = [
        "$ref", "$dynamicRef", "allOf", "not", "if", "then", "else", "patternProperties", "propertyNames",
        "prefixItems",
        "contains", "dependentSchemas", "dependentRequired", "unevaluatedProperties", "unevaluatedItems",
    ]

    static func write(_ schema: JSONValue, to json: inout JSONWriter, path: String, depth: Int = 0) throws(Failure) {
        guard schema.kind == .object, depth < maxDepth else {
            throw .unsupported(path, "This model's provider takes no schema of this form.")
        }
        json.beginObject()
        for member in schema.members where !member.value.isNull {
            let (key, value) = (member.key, member.value)
            let place = path.utf8.count < 200 ? "\(path).\(key.prefix(60))" : path
            switch key {
            case "type": try writeType(value, to: &json, path: place)
            case "format": if formats.contains(value.string ?? "") { json.member("format", value) }
            case "enum", "const":
                if !schema.has("type") { json.member("type", literal: "string") }
                try writeEnum(value.array.map { Array($0) } ?? [value], to: &json, path: place)
            // An object without properties may require none.
            case "required":
                if (schema["properties"]?.count ?? 0) > 0, value.count > 0 { json.member("required", value) }
            case "properties":
                guard value.count > 0 else { continue }
                json.key("properties")
                json.beginObject()
                for property in value.members {
                    json.key(property.key)
                    try write(property.value, to: &json, path: "\(place).\(property.key.prefix(60))", depth: depth + 1)
                }
                json.endObject()
            case "items":
                json.key("items")
                try write(value, to: &json, path: place, depth: depth + 1)
            case "anyOf", "oneOf":
                json.key("anyOf")
                json.beginArray()
                for choice in value.elements { try write(choice, to: &json, path: place, depth: depth + 1) }
                json.endArray()
            case _ where copied.contains(key):
                json.key(key)
                json.value(value)
            case _ where refused.contains(key):
                throw .unsupported(place, "This model's provider can't hold to '\(key)' in a schema.")
            default: continue
            }
        }
        json.endObject()
    }

    /// `["string", "null"]` is a string that may be null.
    private static func writeType(_ value: JSONValue, to json: inout JSONWriter, path: String) throws(Failure) {
        guard let types = value.array else { return json.member("type", value) }
        let real = types.filter { !$0.stringEquals("null") }
        guard real.count == 1 else {
            throw .unsupported(path, "This model's provider takes one type in a schema, and null beside it.")
        }
        json.member("type", real[0])
        if real.count < types.count { json.member("nullable", true) }
    }

    private static func writeEnum(_ values: [JSONValue], to json: inout JSONWriter, path: String) throws(Failure) {
        guard values.allSatisfy({ $0.kind == .string }) else {
            throw .unsupported(path, "This model's provider takes only strings in an enumeration.")
        }
        json.member("enum") { json in
            json.array { json in
                for value in values { json.value(value) }
            }
        }
    }
}
