import PatchbayJSON
import PatchbayModel

/// Reading a request: every field that is known is checked, every other is carried.
struct EmbeddingsRequest {
    let request: EmbeddingRequest
    let options: EmbeddingsFormat.Options

    init(_ root: JSONValue) throws(GatewayError) {
        let fields = try FieldReader(body: root)
        let model = try fields.requiredString("model", maxLength: 256)
        try fields.checkInt("dimensions", in: 1...Self.maxDimensions)
        try fields.check("encoding_format", oneOf: ["float", "base64"])
        try fields.checkLength("user", characters: 512)
        guard let input = fields.present("input") else { throw fields.missing("input") }
        let isList = Self.isList(input)
        var inputs: [ArraySlice<UInt8>] = []
        if isList {
            inputs.reserveCapacity(input.count)
            try Self.readList(input, into: &inputs)
        } else {
            try Self.check(input, "input", isToken: input.kind == .array)
            inputs = [input.raw]
        }
        request = EmbeddingRequest(model: model, inputs: inputs, fields: Self.carried(root))
        options = EmbeddingsFormat.Options(
            isBase64: fields.present("encoding_format")?.stringEquals("base64") ?? false, isSingle: !isList)
    }

    /// As many as a vector that crosses the ABI may have.
    private static let maxDimensions = 65536
    /// Token numbers that any vocabulary may have.
    private static let maxToken = Int(Int32.max)

    /// An array that isn't one input itself, which is one of token numbers.
    private static func isList(_ input: JSONValue) -> Bool {
        guard input.kind == .array else { return false }
        return input[0].map { $0.kind != .integer && $0.kind != .double } ?? true
    }

    private static func readList(_ list: JSONValue, into inputs: inout [ArraySlice<UInt8>]) throws(GatewayError) {
        guard list.count > 0 else { throw empty("input", code: "empty_array") }
        guard list.count <= EmbeddingsFormat.maxInputs else {
            throw .invalid(
                "Invalid 'input': \(list.count) inputs. Expected at most \(EmbeddingsFormat.maxInputs).",
                param: "input",
                code: "array_above_max_length")
        }
        let isTokens = list[0]?.kind == .array
        for (index, element) in list.elements.enumerated() {
            guard element.kind == (isTokens ? .array : .string) else {
                throw wrongType("input[\(index)]", isTokens ? "an array of token numbers" : "a string", element)
            }
            try check(element, "input[\(index)]", isToken: isTokens)
            inputs.append(element.raw)
        }
    }

    /// One input: a text, or an array of token numbers. `place` is spelled out only for a complaint.
    private static func check(_ input: JSONValue, _ place: @autoclosure () -> String, isToken: Bool)
        throws(GatewayError)
    {
        guard isToken || input.kind == .string else {
            throw wrongType(place(), "a string, an array of strings or arrays of token numbers", input)
        }
        guard input.count > 0 else { throw empty(place(), code: isToken ? "empty_array" : "invalid_value") }
        guard isToken else { return }
        for (index, token) in input.elements.enumerated() {
            guard let number = token.int, (0...maxToken).contains(number) else {
                throw wrongType("\(place())[\(index)]", "a token number", token)
            }
        }
    }

    private static func empty(_ place: String, code: String) -> GatewayError {
        .invalid("Invalid '\(place)': empty. There must be something to embed.", param: place, code: code)
    }

    private static func wrongType(_ place: String, _ expected: String, _ found: JSONValue) -> GatewayError {
        .invalid(
            "Invalid type for '\(place)': expected \(expected), but got \(found.kind) instead.", param: place,
            code: "invalid_type")
    }

    /// Fields that have a place of their own, or none that is the provider's business.
    private static let taken: Set<String> = ["model", "input", "encoding_format", "patchbay", "stream"]

    private static func carried(_ root: JSONValue) -> RequestFields {
        var fields: [RequestFields.Field] = []
        for member in root.members where !member.value.isNull {
            let key = member.key
            if !taken.contains(key) { fields.append(RequestFields.Field(name: key, json: Array(member.value.raw))) }
        }
        return RequestFields(fields)
    }
}
