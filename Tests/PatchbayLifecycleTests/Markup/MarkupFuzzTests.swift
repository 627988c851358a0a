import Testing

@testable import PatchbayLifecycle

/// Text that nobody would write.
@Suite struct MarkupFuzzTests {
    /// What random texts are made of.
    private static let scraps: [ToolMarkup: [String]] = [
        .hermes: [
            "<tool_call>", "</tool_call>", #"{"name": "f", "arguments": {"#, #""a": "b""#, "}", "}}", "<", "[", ",",
        ],
        .llama: ["<|python_tag|>", #"{"name": "get_time", "parameters": {"#, "}}", ";", "<|eom_id|>", "{", "<|"],
        .mistral: ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "f", #"[{"name": "f", "arguments": {"#, "{}", "}}]", "["],
        .deepseek: [
            "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>",
            "f", "```json",
            "```", "{}", "<｜DSML｜tool_calls>", "<｜DSML｜invoke name=\"f\">",
            "<｜DSML｜parameter name=\"p\" string=\"true\">",
            "</｜DSML｜parameter>", "</｜DSML｜invoke>", "</｜DSML｜tool_calls>", "<｜",
        ],
        .glm: ["<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "f", "5", "<"],
        .qwenXML: [
            "<tool_call>", "</tool_call>", "<function=", "</function>", "<parameter=", "</parameter>", "f", ">", "<",
        ],
        .json: ["{", "}", "[", "]", #""name""#, ":", #""get_time""#, ",", #""arguments""#, "{}"],
    ]

    private static let common = [" ", "\n", "\"", "é", "世", "👩‍🚀", "\\", "word ", "\u{0}"]

    @Test(arguments: ToolMarkup.allCases.filter { $0 != .none })
    func `scraps of markup in any order lose no word, and give the same in any pieces`(_ markup: ToolMarkup) throws {
        var random = SeededGenerator(seed: 7)
        let scraps = (Self.scraps[markup] ?? []) + (Self.scraps[markup] ?? []) + Self.common
        for _ in 0..<2500 {
            let parts = (0..<Int.random(in: 1...24, using: &random)).compactMap { _ in
                scraps.randomElement(using: &random)
            }
            let text = parts.joined()
            let said = try extract(markup, [text])
            #expect(try extract(markup, text.pieces(using: &random)) == said, "\(text.debugDescription)")
            let hasCalls = said.contains { if case .call = $0 { true } else { false } }
            if !hasCalls { #expect(said == [.text(text)], "\(text.debugDescription)") }
            // Every word is somewhere, unless it is in a part of a call that has no meaning.
            if markup != .deepseek, markup != .json, markup != .mistral, markup != .hermes {
                let words = said.map(\.description).joined().components("word").count
                #expect(words >= text.components("word").count, "\(text.debugDescription): \(said)")
            }
        }
    }

    @Test(arguments: ToolMarkup.allCases.filter { $0 != .none })
    func `random bytes do no harm`(_ markup: ToolMarkup) throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(try extract(markup, text.pieces(using: &random)) == (text.isEmpty ? [] : [.text(text)]))
        }
    }
}

extension String {
    fileprivate func components(_ word: String) -> [Range<String.Index>] { ranges(of: word) }
}
