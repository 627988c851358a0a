import PatchbayJSON
import PatchbayModel

/// `context_management` and the `compaction_trigger` item: when a conversation is to be compacted (see
/// `CompactionRule`).
enum ResponsesContext {
    /// Checks `context_management` by its path, and that a trigger stands at the end of `input`.
    static func check(_ root: JSONValue, input: [Item]) throws(GatewayError) {
        try checkThresholds(root)
        guard let index = input.firstIndex(where: { $0.kind == .other(type: "compaction_trigger") }),
            index != input.count - 1
        else { return }
        throw .invalid(
            "Invalid 'input[\(index)]': a 'compaction_trigger' must be the last item of the input.",
            param: "input[\(index)]", code: "invalid_value")
    }

    private static func checkThresholds(_ root: JSONValue) throws(GatewayError) {
        guard let list = try FieldReader(root).array("context_management") else { return }
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
            guard entry.present("compact_threshold") != nil else { throw entry.missing("compact_threshold") }
        }
    }
}
