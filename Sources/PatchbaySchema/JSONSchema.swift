import PatchbayJSON

/// A JSON Schema, to check values against: the part of the language that structured outputs use.
///
/// Checked: `type`, `enum`, `const`, `$ref` into this schema, `anyOf`, `oneOf`, `allOf`, `not`; of objects `properties`,
/// `required`, `additionalProperties`, `minProperties`, `maxProperties`; of arrays `items`, `prefixItems`, `minItems`,
/// `maxItems`; of strings `minLength`, `maxLength`; of numbers `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `multipleOf`. Every other keyword is ignored, among them `pattern` and `format`; where there are
/// `patternProperties`, `additionalProperties` is ignored too. A keyword whose value makes no sense is ignored.
package struct JSONSchema: Sendable {
    /// The bound of one check: a schema and a value that need more are refused as too complex. At less than a
    /// microsecond a step, it is under half a second in the worst case; an answer of 100 kB needs a tenth of it.
    static let maxSteps = 500_000
    /// References and values inside one another.
    static let maxDepth = 256

    let root: JSONValue

    package init(_ root: JSONValue) {
        self.root = root
    }

    /// The first thing in which `value` doesn't fit; nil if it does.
    package func problem(in value: JSONValue) -> SchemaProblem? {
        var check = SchemaCheck(root: root)
        return check.check(value, by: root, depth: 0)
    }

    /// The schema that a `$ref` means: `#`, or a pointer such as `#/$defs/step`. Nil where there is none. Adds to `cost`
    /// the steps that the search took: it goes through the members of each object on its way.
    static func resolve(_ reference: String, in root: JSONValue, cost: inout Int) -> JSONValue? {
        cost += reference.utf8.count / 64
        guard reference.utf8.first == UInt8(ascii: "#") else { return nil }
        var value = root
        for step in reference.dropFirst().split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = unescaped(step)
            cost += value.count / 8
            switch value.kind {
            case .object:
                guard let next = value[key: name] else { return nil }
                value = next
            case .array:
                guard let index = Int(name), let next = value[index] else { return nil }
                value = next
            default: return nil
            }
        }
        return value
    }

    /// A step of a JSON pointer, `~1` for `/` and `~0` for `~`.
    private static func unescaped(_ step: Substring) -> String {
        guard step.contains("~") else { return String(step) }
        var name = ""
        var rest = step
        while let tilde = rest.firstIndex(of: "~") {
            name += rest[..<tilde]
            rest = rest[rest.index(after: tilde)...]
            switch rest.popFirst() {
            case "0": name += "~"
            case "1": name += "/"
            case let other?: name += "~\(other)"
            case nil: name += "~"
            }
        }
        return name + rest
    }
}
