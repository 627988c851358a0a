import PatchbayJSON

/// What a call came to.
package struct ForeignOutput: Sendable {
    struct Value: Sendable {
        var name: String
        var content: Content
    }

    enum Content: Sendable {
        case text(String)
        case json(JSON)
    }

    enum JSON: Sendable {
        case null
        case scalar(ForeignScalar, UInt64)
        case scalars(ForeignScalar, [UInt8])
        case strings([String?])
        case structure(ForeignStructure, [UInt8])
    }

    var values: [Value]
}

extension ForeignOutput {
    /// What the model is told: a single value by itself, a text without quotes; several as a JSON object; `ok` where
    /// there is none.
    package var text: String {
        guard let first = values.first else { return "ok" }
        if values.count == 1 {
            switch first.content {
            case .text(let text): return text
            case .json(.scalar(let scalar, let bits)) where scalar.form == .float && !scalar.floating(bits).isFinite:
                // Without the quotes that make it JSON.
                var json = JSONWriter()
                scalar.write(bits, into: &json)
                return String(decoding: json.bytes.dropFirst().dropLast(), as: UTF8.self)
            case .json(let value):
                var json = JSONWriter()
                value.write(into: &json)
                return String(decoding: json.bytes, as: UTF8.self)
            }
        }
        var json = JSONWriter()
        json.object { json in
            for value in values {
                json.key(value.name)
                switch value.content {
                case .text(let text): json.string(text)
                case .json(let value): value.write(into: &json)
                }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// The one text of a function that makes a text of a text; nil where it returned null, or says no text.
    var onlyText: String? {
        if values.count == 1, case .text(let text)? = values.first?.content { text } else { nil }
    }
}

extension ForeignOutput.JSON {
    func write(into json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .scalar(let scalar, let bits): scalar.write(bits, into: &json)
        case .scalars(let scalar, let bytes):
            json.array { json in
                for offset in stride(from: 0, to: bytes.count, by: scalar.width) {
                    scalar.write(bytes.bits(width: scalar.width, at: offset), into: &json)
                }
            }
        case .strings(let texts):
            json.array { json in
                for text in texts {
                    if let text { json.string(text) } else { json.null() }
                }
            }
        case .structure(let structure, let bytes): structure.write(bytes, into: &json)
        }
    }
}
