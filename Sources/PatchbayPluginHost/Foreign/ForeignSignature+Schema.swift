import PatchbayJSON

/// What a model is told of a function, made of its signature.
extension ForeignSignature {
    /// The JSON Schema of the arguments that the model gives.
    package var parametersSchema: [UInt8] {
        var json = JSONWriter()
        Self.write(
            object: parameters.filter(\.isGiven).map { parameter in
                (parameter.name, { parameter.writeSchema(into: &$0) })
            }, into: &json)
        return json.bytes
    }

    /// For a tool that has no description of its own.
    package var derivedDescription: String {
        let given = parameters.filter(\.isGiven).map(\.name)
        let told = (result.isTold ? [result.name] : []) + parameters.filter(\.isTold).map(\.name)
        var words = "Calls the function \(symbol) of the C library \(library)"
        if !given.isEmpty { words += " with \(given.joined(separator: ", "))" }
        switch told.count {
        case 0: words += "."
        case 1: words += ", and gives its \(told[0])."
        default: words += ", and gives a JSON object of \(told.joined(separator: ", "))."
        }
        return words
    }

    /// An object schema whose members are all required.
    fileprivate static func write(
        object members: [(name: String, write: (inout JSONWriter) -> Void)], description: String = "",
        into json: inout JSONWriter
    ) {
        json.object { json in
            json.member("type", literal: "object")
            if !description.isEmpty { json.member("description", description) }
            json.key("properties")
            json.object { json in
                for member in members {
                    json.key(member.name)
                    member.write(&json)
                }
            }
            json.key("required")
            json.array { json in
                for member in members { json.string(member.name) }
            }
            json.member("additionalProperties", false)
        }
    }
}

extension ForeignParameter {
    fileprivate func writeSchema(into json: inout JSONWriter) {
        if case .structure(let structure) = type { return structure.writeSchema(description, into: &json) }
        json.object { json in
            switch type {
            case .scalar(let scalar): scalar.writeSchema(into: &json)
            case .string, .bytes: writeText(into: &json)
            case .array(let element):
                json.member("type", literal: "array")
                json.key("items")
                json.object { json in
                    switch element {
                    case .scalar(let scalar): scalar.writeSchema(into: &json)
                    case .string: json.member("type", literal: "string")
                    }
                }
                if limit != Self.defaultLimit { json.member("maxItems", limit) }
            case .pointer, .structure, .callback: break
            }
            if !description.isEmpty { json.member("description", description) }
        }
    }

    private func writeText(into json: inout JSONWriter) {
        json.member("type", literal: "string")
        let isNamed = limit != Self.defaultLimit
        switch type == .bytes ? encoding : .text {
        case .text:
            // Characters, of which a text has no more than bytes.
            if isNamed { json.member("maxLength", limit) }
        case .hex:
            json.member("pattern", literal: "^([0-9A-Fa-f]{2})*$")
            if isNamed { json.member("maxLength", limit * 2) }
        case .base64:
            json.member("contentEncoding", literal: "base64")
            if isNamed { json.member("maxLength", (limit + 2) / 3 * 4) }
        }
    }
}

extension ForeignScalar {
    /// Into an object.
    fileprivate func writeSchema(into json: inout JSONWriter) {
        switch form {
        case .bool: json.member("type", literal: "boolean")
        case .float: json.member("type", literal: "number")
        case .signed, .unsigned:
            json.member("type", literal: "integer")
            json.member("minimum", Int(smallest))
            json.key("maximum")
            json.uint64(greatest)
        }
    }
}

extension ForeignStructure {
    fileprivate func writeSchema(_ description: String = "", into json: inout JSONWriter) {
        ForeignSignature.write(
            object: fields.map { field in
                (
                    field.name,
                    { json in
                        switch field.content {
                        case .scalar(let scalar): json.object { scalar.writeSchema(into: &$0) }
                        case .structure(let inner): inner.writeSchema(into: &json)
                        }
                    }
                )
            }, description: description, into: &json)
    }
}
