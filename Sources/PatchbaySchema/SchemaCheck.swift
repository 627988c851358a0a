import PatchbayJSON

/// One check of a value against a schema, with the steps that are left of its bound.
struct SchemaCheck {
    let root: JSONValue
    private(set) var stepsLeft = JSONSchema.maxSteps

    init(root: JSONValue) {
        self.root = root
    }

    static let tooComplex = SchemaProblem("is too complex to be checked against its schema")

    /// The first problem of `value`; nil if it fits. Once the steps are used up, everything is a problem.
    mutating func check(_ value: JSONValue, by schema: JSONValue, depth: Int) -> SchemaProblem? {
        guard spend(1 + schema.count), depth < JSONSchema.maxDepth else { return exhaust() }
        if schema.bool == false { return SchemaProblem("is not allowed here") }
        guard schema.kind == .object else { return nil }
        if let reference = schema["$ref"]?.string {
            var cost = 0
            let target = JSONSchema.resolve(reference, in: root, cost: &cost)
            guard spend(cost) else { return exhaust() }
            guard let target else {
                return SchemaProblem("has a schema that refers to '\(reference.prefix(128))', which isn't there")
            }
            if let problem = check(value, by: target, depth: depth + 1) { return problem }
        }
        guard spend((schema["type"]?.range.count ?? 0) / 64) else { return exhaust() }
        if let problem = checkType(value, schema) ?? checkValues(value, schema) { return problem }
        if let problem = combine(value, schema, depth: depth) { return problem }
        switch value.kind {
        case .object: return checkObject(value, schema, depth: depth)
        case .array: return checkArray(value, schema, depth: depth)
        case .string: return checkString(value, schema)
        case .integer, .double: return checkNumber(value, schema)
        case .null, .bool: return nil
        }
    }

    /// Whether there are this many steps left; takes them.
    mutating func spend(_ steps: Int) -> Bool {
        stepsLeft -= steps
        return stepsLeft >= 0
    }

    mutating func exhaust() -> SchemaProblem {
        stepsLeft = -1
        return Self.tooComplex
    }

    private func checkType(_ value: JSONValue, _ schema: JSONValue) -> SchemaProblem? {
        guard let type = schema["type"] else { return nil }
        if let name = type.string {
            return value.isOfType(name) ? nil : SchemaProblem("is \(value.kind), and \(name.prefix(32)) is expected")
        }
        guard let names = type.array, !names.contains(where: { $0.string.map(value.isOfType) ?? false }) else {
            return nil
        }
        let expected = names.compactMap(\.string).joined(separator: " or ")
        return SchemaProblem("is \(value.kind), and \(expected.prefix(128)) is expected")
    }

    private mutating func checkValues(_ value: JSONValue, _ schema: JSONValue) -> SchemaProblem? {
        if let constant = schema["const"], !isEqual(value, constant) {
            return stepsLeft < 0 ? Self.tooComplex : SchemaProblem("is not the one value that is allowed")
        }
        guard let values = schema["enum"]?.array else { return nil }
        for candidate in values {
            if isEqual(value, candidate) { return nil }
            if stepsLeft < 0 { return Self.tooComplex }
        }
        return SchemaProblem("is none of the values that are allowed")
    }

    private mutating func combine(_ value: JSONValue, _ schema: JSONValue, depth: Int) -> SchemaProblem? {
        if let all = schema["allOf"]?.array {
            for part in all {
                if let problem = check(value, by: part, depth: depth + 1) { return problem }
            }
        }
        if let any = schema["anyOf"]?.array {
            var fits = false
            for part in any where !fits {
                fits = check(value, by: part, depth: depth + 1) == nil
                if stepsLeft < 0 { return Self.tooComplex }
            }
            if !fits { return SchemaProblem("fits none of the alternatives") }
        }
        if let one = schema["oneOf"]?.array {
            var fitting = 0
            for part in one {
                if check(value, by: part, depth: depth + 1) == nil { fitting += 1 }
                if stepsLeft < 0 { return Self.tooComplex }
            }
            if fitting != 1 { return SchemaProblem("fits \(fitting) of the alternatives, and one is expected") }
        }
        if let excluded = schema["not"] {
            let fits = check(value, by: excluded, depth: depth + 1) == nil
            if stepsLeft < 0 { return Self.tooComplex }
            if fits { return SchemaProblem("is what the schema excludes") }
        }
        return nil
    }

    /// Equal as JSON values: numbers by value, objects whatever the order of their members.
    private mutating func isEqual(_ one: JSONValue, _ other: JSONValue) -> Bool {
        guard spend(1) else { return false }
        switch (one.kind, other.kind) {
        case (.null, .null): return true
        case (.bool, .bool): return one.bool == other.bool
        case (.string, .string):
            guard one.count == other.count, spend(one.count / 64) else { return false }
            return one.string == other.string
        case (.integer, .integer) where one.int != nil && other.int != nil: return one.int == other.int
        case (.integer, .integer), (.integer, .double), (.double, .integer), (.double, .double):
            guard spend((one.range.count + other.range.count) / 64) else { return false }
            return one.double == other.double
        case (.array, .array):
            guard one.count == other.count else { return false }
            for (left, right) in zip(one.elements, other.elements) where !isEqual(left, right) { return false }
            return true
        case (.object, .object):
            guard one.count == other.count, spend(one.count * one.count / 8) else { return false }
            for member in one.members {
                guard let match = other[key: member.key], isEqual(member.value, match) else { return false }
            }
            return true
        default: return false
        }
    }
}

extension JSONValue {
    /// Whether this is what the schema's `type` says; true for a type that nobody knows.
    fileprivate func isOfType(_ name: String) -> Bool {
        switch name {
        case "object": kind == .object
        case "array": kind == .array
        case "string": kind == .string
        case "boolean": kind == .bool
        case "null": kind == .null
        case "number": kind == .integer || kind == .double
        case "integer": kind == .integer || (double.map { $0 == $0.rounded() } ?? false)
        default: true
        }
    }
}
