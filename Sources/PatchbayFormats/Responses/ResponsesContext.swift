import PatchbayJSON
import PatchbayModel

/// `context_management` and the `compaction_trigger` item: when a conversation is to be compacted.
enum ResponsesContext {
    /// The request's rule. Checks `context_management` by its path, and that a trigger stands at the end of `input`.
    static func rule(_ root: JSONValue, input: [Item]) throws(GatewayError) -> CompactionRule? {
        let threshold = try threshold(root)
        guard let index = input.firstIndex(where: { $0.kind == .other(type: "compaction_trigger") }) else {
            return threshold.map { .above(tokens: $0) }
        }
        guard index == input.count - 1 else {
            throw .invalid(
                "Invalid 'input[\(index)]': a 'compaction_trigger' must be the last item of the input.",
                param: "input[\(index)]", code: "invalid_value")
        }
        return .now
    }

    /// The lowest threshold of all entries.
    private static func threshold(_ root: JSONValue) throws(GatewayError) -> Int? {
        guard let list = try FieldReader(root).array("context_management") else { return nil }
        var lowest: Int?
        for (index, value) in list.elements.enumerated() {
            let place = Place.body.member("context_management").element(index)
            guard value.kind == .object else {
                throw .invalid(
                    "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                    param: place.path, code: "invalid_type")
            }
            let entry = FieldReader(value, at: place)
            _ = try entry.requiredString("type", maxLength: 64)
            try entry.check("type", oneOf: ["compaction"])
            try entry.checkInt("compact_threshold", in: 1...Int(Int32.max))
            guard let number = entry.present("compact_threshold")?.int else { throw entry.missing("compact_threshold") }
            lowest = min(lowest ?? number, number)
        }
        return lowest
    }
}
