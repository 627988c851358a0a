/// A request for vectors, as the hub has it.
extension JSONValue {
    /// Its inputs, for an upstream that takes texts alone.
    func texts() throws(Failure) -> JSONElements {
        let inputs = (self["input"] ?? self).elements
        for input in inputs where input.kind != .string {
            throw .unsupported("input", "This model's provider takes texts alone, no arrays of tokens.")
        }
        return inputs
    }

    /// The lines for the log on all its fields but those that the upstream has a place for.
    func leftOut(besides known: Set<String>) throws(Failure) -> [String] {
        var leftOut = LeftOut()
        for member in members where !known.contains(member.key) { try leftOut.field(member.key, member.value) }
        return leftOut.notes
    }
}
