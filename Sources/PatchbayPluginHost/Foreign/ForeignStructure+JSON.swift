import PatchbayJSON

extension ForeignStructure {
    /// The struct's bytes from an object with exactly its fields.
    func bytes(of value: JSONValue, at place: String) throws(ForeignRefusal) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        try fill(&bytes, from: 0, value, place)
        return bytes
    }

    private func fill(
        _ bytes: inout [UInt8], from start: Int, _ value: JSONValue, _ place: String
    ) throws(ForeignRefusal) {
        guard value.kind == .object else {
            throw ForeignRefusal(place, "must be an object, not \(ForeignRefusal.shown(value))")
        }
        for field in fields {
            guard let member = value[key: field.name] else {
                throw ForeignRefusal("\(place).\(field.name)", "is missing")
            }
            switch field.content {
            case .scalar(let scalar):
                let bits = try scalar.bits(of: member, at: "\(place).\(field.name)")
                bytes.put(bits, width: scalar.width, at: start + field.offset)
            case .structure(let inner):
                try inner.fill(&bytes, from: start + field.offset, member, "\(place).\(field.name)")
            }
        }
        if value.count > fields.count { throw ForeignRefusal(place, "has members that the struct hasn't") }
    }

    func write(_ bytes: [UInt8], from start: Int = 0, into json: inout JSONWriter) {
        json.object { json in
            for field in fields {
                json.key(field.name)
                switch field.content {
                case .scalar(let scalar):
                    scalar.write(bytes.bits(width: scalar.width, at: start + field.offset), into: &json)
                case .structure(let inner):
                    inner.write(bytes, from: start + field.offset, into: &json)
                }
            }
        }
    }
}

extension [UInt8] {
    /// The lowest `width` bytes of `bits`, in the machine's order, which is little-endian on all that the host runs on.
    mutating func put(_ bits: UInt64, width: Int, at offset: Int) {
        for index in 0..<width { self[offset + index] = UInt8(truncatingIfNeeded: bits >> (8 * index)) }
    }

    func bits(width: Int, at offset: Int) -> UInt64 {
        var bits: UInt64 = 0
        for index in 0..<width { bits |= UInt64(self[offset + index]) << (8 * index) }
        return bits
    }
}
