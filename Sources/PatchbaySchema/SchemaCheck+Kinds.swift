import PatchbayJSON

/// What a schema says of objects, arrays, strings and numbers.
extension SchemaCheck {
    mutating func checkObject(_ value: JSONValue, _ schema: JSONValue, depth: Int) -> SchemaProblem? {
        let properties = schema["properties"]
        let propertyCost = (properties?.count ?? 0) / 8
        // One by one: a list is no dearer than what is looked at of it.
        for element in (schema["required"] ?? schema).elements {
            guard spend(1 + value.count / 8 + element.range.count / 64) else { return exhaust() }
            guard let name = element.string else { continue }
            if !value.has(name) { return SchemaProblem("lacks '\(name.prefix(64))'") }
        }
        if let problem = checkCount(value, schema, "minProperties", "maxProperties", of: "members") { return problem }
        let others = schema.has("patternProperties") ? nil : schema["additionalProperties"]
        guard properties != nil || others != nil else { return nil }
        for member in value.members {
            guard spend(1 + propertyCost) else { return exhaust() }
            let name = member.key
            if let property = properties?[key: name] {
                if let problem = check(member.value, by: property, depth: depth + 1) { return problem.inside(name) }
            } else if let others {
                if others.bool == false { return SchemaProblem("is not a member of the schema").inside(name) }
                if let problem = check(member.value, by: others, depth: depth + 1) { return problem.inside(name) }
            }
        }
        return nil
    }

    mutating func checkArray(_ value: JSONValue, _ schema: JSONValue, depth: Int) -> SchemaProblem? {
        if let problem = checkCount(value, schema, "minItems", "maxItems", of: "elements") { return problem }
        guard spend((schema["prefixItems"]?.count ?? 0) / 8) else { return exhaust() }
        let first = schema["prefixItems"]?.array.map(Array.init) ?? []
        let rest = schema["items"]
        guard !first.isEmpty || rest != nil else { return nil }
        for (index, element) in value.elements.enumerated() {
            guard let part = index < first.count ? first[index] : rest else { break }
            if let problem = check(element, by: part, depth: depth + 1) { return problem.inside(index) }
        }
        return nil
    }

    mutating func checkString(_ value: JSONValue, _ schema: JSONValue) -> SchemaProblem? {
        let least = schema["minLength"]?.int
        let most = schema["maxLength"]?.int
        guard least != nil || most != nil else { return nil }
        guard spend(value.count / 64) else { return exhaust() }
        let length = value.string?.unicodeScalars.count ?? 0
        if let least, length < least { return SchemaProblem("has fewer than \(least) characters") }
        if let most, length > most { return SchemaProblem("has more than \(most) characters") }
        return nil
    }

    mutating func checkNumber(_ value: JSONValue, _ schema: JSONValue) -> SchemaProblem? {
        guard let number = value.double else { return nil }
        if let bound = bound("minimum", of: schema), number < bound { return SchemaProblem("is less than \(bound)") }
        if let bound = bound("maximum", of: schema), number > bound { return SchemaProblem("is more than \(bound)") }
        if let bound = bound("exclusiveMinimum", of: schema), number <= bound {
            return SchemaProblem("is not more than \(bound)")
        }
        if let bound = bound("exclusiveMaximum", of: schema), number >= bound {
            return SchemaProblem("is not less than \(bound)")
        }
        if let step = bound("multipleOf", of: schema), step > 0 {
            // 0.3 is a multiple of 0.1, although not exactly of the double that stands for it.
            let quotient = number / step
            if abs(quotient - quotient.rounded()) > 1e-9 * max(1, abs(quotient)) {
                return SchemaProblem("is not a multiple of \(step)")
            }
        }
        return stepsLeft < 0 ? exhaust() : nil
    }

    /// A number of the schema. It may be written with millions of digits.
    private mutating func bound(_ name: StaticString, of schema: JSONValue) -> Double? {
        guard let value = schema[name], spend(value.range.count / 64) else { return nil }
        return value.double
    }

    private func checkCount(
        _ value: JSONValue, _ schema: JSONValue, _ least: StaticString, _ most: StaticString, of what: String
    ) -> SchemaProblem? {
        if let least = schema[least]?.int, value.count < least {
            return SchemaProblem("has fewer than \(least) \(what)")
        }
        if let most = schema[most]?.int, value.count > most { return SchemaProblem("has more than \(most) \(what)") }
        return nil
    }
}
