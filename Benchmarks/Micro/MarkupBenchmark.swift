import PatchbayLifecycle

/// The search for tool calls in a model's text: what it costs a text that has none, and one that is full of them.
struct MarkupBenchmark {
    private static let tools = Array(
        #"[{"type":"function","name":"f","parameters":{"type":"object","properties":{"text":{"type":"string"}}}}]"#.utf8
    )

    /// Prose and code, with `<` that begin no mark.
    private static let prose = "The quick brown fox jumps over the lazy dog; if a < b then it rests, else it runs.\n\n"
    private static let call =
        "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"text\": \"a line of some file\\nand another one\", \"n\": 12}}\n</tool_call>\n"
    private static let xml =
        "<tool_call>\n<function=f>\n<parameter=text>\na line of some file\nand another one\n</parameter>\n</function>\n</tool_call>\n"

    func run(rounds: Int) {
        let prose = String(repeating: Self.prose, count: 100_000)
        let calls = String(repeating: Self.prose + Self.call, count: 20_000)
        let xml = String(repeating: Self.prose + Self.xml, count: 20_000)
        let inTokens = Self.pieces(prose, 5)
        let inBlocks = Self.pieces(prose, 4096)
        let callTokens = Self.pieces(calls, 5)
        let callBlocks = Self.pieces(calls, 4096)
        let xmlBlocks = Self.pieces(xml, 4096)
        for _ in 0..<rounds {
            print("markup_none_tokens", megabytes(inTokens, .none))
            print("markup_plain_tokens", megabytes(inTokens, .hermes))
            print("markup_plain_blocks", megabytes(inBlocks, .hermes))
            print("markup_calls_tokens", megabytes(callTokens, .hermes))
            print("markup_calls_blocks", megabytes(callBlocks, .hermes))
            print("markup_xml_blocks", megabytes(xmlBlocks, .qwenXML))
        }
    }

    private static func pieces(_ text: String, _ size: Int) -> [String] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: size).map {
            String(decoding: bytes[$0..<min($0 + size, bytes.count)], as: UTF8.self)
        }
    }

    /// A second.
    private func megabytes(_ pieces: [String], _ markup: ToolMarkup) -> Double {
        let extractor = MarkupExtractor(markup, tools: Self.tools)
        var passed = 0
        let start = CPUTime.now
        for piece in pieces {
            if extractor == nil {
                passed += Self.size(.text(piece))
            } else {
                try? extractor?.receive(.text(piece)) { passed += Self.size($0) }
            }
        }
        try? extractor?.finish(isWhole: true) { passed += Self.size($0) }
        let time = CPUTime.now - start
        precondition(passed > 0, "nothing came out")
        return Double(pieces.reduce(0) { $0 + $1.utf8.count }) / Double(time) * 1000
    }

    @inline(never)
    private static func size(_ event: ProviderEvent) -> Int {
        switch event {
        case .text(let text), .arguments(_, let text): text.utf8.count
        default: 1
        }
    }
}
