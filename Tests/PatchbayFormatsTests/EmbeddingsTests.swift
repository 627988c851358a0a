// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct EmbeddingsTests {
    private let format = EmbeddingsFormat()

    private func read(_ body: String) throws -> (request: EmbeddingRequest, options: EmbeddingsFormat.Options) {
        try format.read(Array(body.utf8))
    }

    private func inputs(_ json: String) throws -> [String] {
        try read(#"{"model":"m","input":\#(json)}"#).request.inputs.map { String(decoding: $0, as: UTF8.self) }
    }

    private func written(_ batches: [Vectors], _ fields: String = "", usage: Usage = Usage(inputTokens: 7)) throws -> String {
        let options = try read(#"{"model":"m","input":"x"\#(fields)}"#).options
        var body = format.makeBody(of: Embeddings(batches: batches, usage: usage), model: "m", options)
        while !body.write(numbers: 2) {}
        return String(decoding: body.take(), as: UTF8.self)
    }

    @Test("a text, texts, token numbers and lists of them are inputs, as they came")
    func kinds() throws {
        #expect(try inputs(#""a\u0062""#) == [#""a\u0062""#])
        #expect(try inputs(#"["a", "b"]"#) == [#""a""#, #""b""#])
        #expect(try inputs("[1, 2]") == ["[1, 2]"])
        #expect(try inputs("[[1],[2,3]]") == ["[1]", "[2,3]"])
    }

    @Test("what is malformed is refused by its path", arguments: [
        (#"{"model":"m""#, nil, "invalid_json"),
        (#"[]"#, nil, "invalid_json"),
        (#"{"input":"x"}"#, "model", "missing_required_parameter"),
        (#"{"model":"","input":"x"}"#, "model", "invalid_value"),
        (#"{"model":"m"}"#, "input", "missing_required_parameter"),
        (#"{"model":"m","input":null}"#, "input", "missing_required_parameter"),
        (#"{"model":"m","input":5}"#, "input", "invalid_type"),
        (#"{"model":"m","input":{}}"#, "input", "invalid_type"),
        (#"{"model":"m","input":""}"#, "input", "invalid_value"),
        (#"{"model":"m","input":[]}"#, "input", "empty_array"),
        (#"{"model":"m","input":["a",""]}"#, "input[1]", "invalid_value"),
        (#"{"model":"m","input":["a",5]}"#, "input[1]", "invalid_type"),
        (#"{"model":"m","input":["a",[1]]}"#, "input[1]", "invalid_type"),
        (#"{"model":"m","input":[[1],"a"]}"#, "input[1]", "invalid_type"),
        (#"{"model":"m","input":[[1],[]]}"#, "input[1]", "empty_array"),
        (#"{"model":"m","input":[[1],[2,"x"]]}"#, "input[1][1]", "invalid_type"),
        (#"{"model":"m","input":[[1],[2,-1]]}"#, "input[1][1]", "invalid_type"),
        (#"{"model":"m","input":[1,2.5]}"#, "input[1]", "invalid_type"),
        (#"{"model":"m","input":[1,9999999999]}"#, "input[1]", "invalid_type"),
        (#"{"model":"m","input":[true]}"#, "input[0]", "invalid_type"),
        (#"{"model":"m","input":"x","dimensions":0}"#, "dimensions", "integer_below_min_value"),
        (#"{"model":"m","input":"x","dimensions":65537}"#, "dimensions", "integer_above_max_value"),
        (#"{"model":"m","input":"x","dimensions":"8"}"#, "dimensions", "invalid_type"),
        (#"{"model":"m","input":"x","encoding_format":"int8"}"#, "encoding_format", "invalid_value"),
        (#"{"model":"m","input":"x","encoding_format":1}"#, "encoding_format", "invalid_type"),
        (#"{"model":"m","input":"x","user":5}"#, "user", "invalid_type"),
    ] as [(String, String?, String)])
    func malformed(_ body: String, param: String?, code: String) throws {
        let error = #expect(throws: GatewayError.self) { try read(body) }
        #expect(error?.param == param && error?.code == code && error?.kind == .invalidRequest, "\(body)")
    }

    @Test("2048 inputs are taken, one more is not")
    func bound() throws {
        func list(_ count: Int) -> String { "[" + Array(repeating: #""x""#, count: count).joined(separator: ",") + "]" }
        #expect(try inputs(list(2048)).count == 2048)
        let error = #expect(throws: GatewayError.self) { try inputs(list(2049)) }
        #expect(error?.param == "input" && error?.code == "array_above_max_length")
        let tokens = "[" + Array(repeating: "7", count: 5000).joined(separator: ",") + "]"
        #expect(try inputs(tokens).count == 1, "the numbers of one input are no inputs")
    }

    @Test("fields are carried, but for those that have a place of their own")
    func fields() throws {
        let body = #"{"model":"m","input":"x","dimensions":8,"user":"u","encoding_format":"float","patchbay":{},"stream":true,"new":[1],"gone":null}"#
        #expect(try read(body).request.fields.all.map(\.name) == ["dimensions", "user", "new"])
    }

    @Test("an answer has a vector for each input, in the shortest numbers that read back as the same")
    func floats() throws {
        let batches = [Vectors(dimensions: 2, numbers: [0.1, -2, 1e-7, 3.4028235e38]), Vectors(dimensions: 2, numbers: [0, -0.0])]
        #expect(try written(batches) == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2]},{"object":"embedding","index":1,"embedding":[1e-07,3.4028235e+38]},{"object":"embedding","index":2,"embedding":[0,-0]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}"#)
        #expect(try written(batches, usage: Usage(inputTokens: 3, isEstimated: true)).contains(#""total_tokens":3,"estimated":true"#))
    }

    @Test("base64 is of little-endian floats")
    func base64() throws {
        let body = try written([Vectors(dimensions: 3, numbers: [1, -2, 0.5]), Vectors(dimensions: 3, numbers: [0, 0, 0])], #","encoding_format":"base64""#)
        #expect(body.contains(#""index":0,"embedding":"AACAPwAAAMAAAAA/""#) && body.contains(#""embedding":"AAAAAAAAAAAAAAAA""#))
        #expect(try written([Vectors(dimensions: 1, numbers: [1])], #","encoding_format":"base64""#).contains(#""AACAPw==""#))
        #expect(try written([Vectors(dimensions: 2, numbers: [1, 1])], #","encoding_format":"base64""#).contains(#""AACAPwAAgD8=""#))
    }

    @Test("an error's place is the one that the client knows")
    func places() throws {
        let error = GatewayError(.invalidRequest, "x", param: "input[0]")
        #expect(format.localised(error, try read(#"{"model":"m","input":"x"}"#).options).param == "input")
        #expect(format.localised(error, try read(#"{"model":"m","input":[1,2]}"#).options).param == "input")
        #expect(format.localised(error, try read(#"{"model":"m","input":["x"]}"#).options).param == "input[0]")
    }
}
