import PatchbayJSON

/// A JSON value as plain Swift, to compare documents by meaning.
indirect enum JSONModel: Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case uint64(UInt64)
    case double(Double)
    case string(String)
    case array([JSONModel])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: JSONModel
    }

    /// What the document says, read through every accessor. Nil if one of them contradicts the value's kind.
    init?(_ value: JSONValue) {
        switch value.kind {
        case .null:
            guard value.isNull else { return nil }
            self = .null
        case .bool:
            guard let bool = value.bool else { return nil }
            self = .bool(bool)
        case .integer:
            if let int = value.int {
                self = .int(int)
            } else if let large = value.uint64 {
                self = .uint64(large)
            } else {
                return nil
            }
        case .double:
            guard let double = value.double else { return nil }
            self = .double(double)
        case .string:
            guard let string = value.string else { return nil }
            self = .string(string)
        case .array:
            let elements = value.elements.compactMap(JSONModel.init)
            guard elements.count == value.count else { return nil }
            self = .array(elements)
        case .object:
            var members: [Member] = []
            for member in value.members {
                guard let model = JSONModel(member.value) else { return nil }
                members.append(Member(key: member.key, value: model))
            }
            guard members.count == value.count else { return nil }
            self = .object(members)
        }
    }

    func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .int(let value): json.int(value)
        case .uint64(let value): json.uint64(value)
        case .double(let value): json.double(value)
        case .string(let value): json.string(value)
        case .array(let elements): json.array { json in for element in elements { element.write(to: &json) } }
        case .object(let members):
            json.object { json in
                for member in members {
                    json.key(member.key)
                    member.value.write(to: &json)
                }
            }
        }
    }

    var json: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes
    }

    /// Equality by bytes: `String`'s own `==` takes different sequences of scalars for the same text.
    static func == (one: JSONModel, other: JSONModel) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.uint64(let a), .uint64(let b)): a == b
        case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)):
            a.count == b.count
                && zip(a, b).allSatisfy { $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value }
        default: false
        }
    }
}
