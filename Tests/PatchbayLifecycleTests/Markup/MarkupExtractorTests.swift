import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What holds for every dialect.
@Suite struct MarkupExtractorTests {
    @Test func `malformed markup comes out as it was`() throws {
        let broken: [(ToolMarkup, String)] = [
            (.hermes, "a <tool_call>\nfoo\n</tool_call> b"), (.hermes, "see `<tool_call>`, then"),
            (.hermes, #" <tool_call>{"name": "f", "argu"#), (.hermes, #"<tool_call>{"arguments": {}}</tool_call>"#),
            (.hermes, #"<tool_call>{"name": "", "arguments": {}}</tool_call>"#),
            (.hermes, #"<tool_call>{"name": "f", "arguments": [1]}</tool_call>"#),
            (.hermes, #"<tool_call>{"name": 5, "arguments": {}}</tool_call>"#), (.hermes, "a <tool_c"),
            (.hermes, "<tool_call>" + String(repeating: " ", count: 300)), (.hermes, "a \n"), (.hermes, "</tool_call>"),
            (.llama, "<|python_tag|>"), (.llama, " {\"name\": \"get_t"), (.mistral, "[TOOL_CALLS]"),
            (.mistral, "[TOOL_CALLS][]"), (.mistral, "[TOOL_CALLS]a b[ARGS]{}"), (.mistral, "[TOOL_CALLS]a[ARGS][1]"),
            (.mistral, "[TOOL_CALLS]\(String(repeating: "n", count: 300))[ARGS]{}"),
            (.deepseek, "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>x"),
            (.deepseek, "<｜tool▁calls▁begin｜>no<｜tool▁call▁begin"), (.deepseek, "<｜ｔool"),
            (.deepseek, "<｜DSML｜function_calls>\n<｜DSML｜parameter"),
            (.deepseek, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\nno fence"),
            (.glm, "<tool_call>f is a function</tool_call>"), (.glm, #"<tool_call>{"name": "f"}</tool_call>"#),
            (.glm, "<tool_call>f\n"), (.qwenXML, "<function=f>no</function>"), (.qwenXML, "<tool_call>{}</tool_call>"),
            (.qwenXML, "<function=a b><parameter=x>"), (.json, #"{"name": "get_time"}"#), (.json, "[] {"),
            (.json, "   "),
        ]
        for (markup, text) in broken {
            #expect(try extract(markup, [text]) == [.text(text)], "\(markup)")
            #expect(try extract(markup, text.scalars) == [.text(text)], "\(markup)")
        }
    }

    @Test func `a call behind malformed markup is found`() throws {
        let call = "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>"
        #expect(
            try extract(.hermes, ["The tag <tool_call> is: \(call)"]) == [
                .text("The tag <tool_call> is:"), .call("f", "{}"),
            ])
        #expect(try extract(.hermes, ["<tool_call>\(call)"]) == [.text("<tool_call>"), .call("f", "{}")])
        #expect(try extract(.hermes, ["<tool_ca\(call)"]) == [.text("<tool_ca"), .call("f", "{}")])
    }

    @Test func `what can't become a mark is passed on at once`() throws {
        let extractor = try #require(MarkupExtractor(.hermes, tools: MarkupExample.tools))
        for (piece, passed) in [
            ("a <", "a"), ("b", " <b"), ("<tool", nil), ("box", "<toolbox"), (" c", " c"), ("\n", nil), ("d", "\nd"),
        ]
            as [(String, String?)]
        {
            var events: [ProviderEvent] = []
            try extractor.receive(.text(piece)) { events.append($0) }
            #expect(events == (passed.map { [.text($0)] } ?? []), "after \(piece.debugDescription)")
        }
    }

    @Test(arguments: [
        (ToolMarkup.hermes, #"<tool_call>{"name": "get_weather", "arguments": {"city": ""#),
        (.llama, #"<|python_tag|>{"name": "get_weather", "parameters": {"city": ""#),
        (.mistral, #"[TOOL_CALLS]get_weather[ARGS]{"city": ""#),
        (.deepseek, #"<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": ""#),
        (.deepseek, #"<｜DSML｜tool_calls><｜DSML｜invoke name="get_weather"><｜DSML｜parameter name="city" string="true">"#),
        (.glm, "<tool_call>get_weather<arg_key>city</arg_key><arg_value>"),
        (.qwenXML, "<function=get_weather>\n<parameter=city>\n"),
        (.json, #"{"name": "get_weather", "arguments": {"city": ""#),
    ])
    func `arguments are passed on as they come`(_ markup: ToolMarkup, _ beginning: String) throws {
        let extractor = try #require(MarkupExtractor(markup, tools: MarkupExample.tools))
        try extractor.receive(.text(beginning)) { _ in }
        for word in ["one", " two", " three"] {
            var events: [ProviderEvent] = []
            try extractor.receive(.text(word)) { events.append($0) }
            #expect(events == [.arguments(index: extractor.calls.index, word)])
        }
    }

    @Test func `a call that ends inside its arguments is told apart`() throws {
        for (markup, text, partial) in [
            (.hermes, #"<tool_call>{"name": "f", "arguments": {"a": "b"#, #"{"a": "b"#),
            (.glm, "<tool_call>f<arg_key>k</arg_key><arg_value>1", #"{"k":"1"#),
            (.qwenXML, "<function=get_weather><parameter=city>Ro", #"{"city":"Ro"#),
        ] as [(ToolMarkup, String, String)] {
            let extractor = try #require(MarkupExtractor(markup, tools: MarkupExample.tools))
            var events: [ProviderEvent] = []
            try extractor.receive(.text(text)) { events.append($0) }
            try extractor.finish(isWhole: true) { events.append($0) }
            #expect(extractor.cutCalls == [extractor.calls.index])
            guard case .call(_, partial, isWhole: false)? = try said(events).first else {
                Issue.record("\(markup): \(events)")
                continue
            }
        }
    }

    @Test func `a limit inside a call's parameters leaves the call open`() throws {
        let text = "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Rome</arg_value>"
        #expect(try extract(.glm, [text]) == [.call("get_weather", #"{"city":"Rome"}"#)])
        #expect(try extract(.glm, [text], isWhole: false) == [.call("get_weather", #"{"city":"Rome""#, isWhole: false)])
    }

    @Test func `what is held back has a bound`() throws {
        let pieces =
            [#"<tool_call>{"arguments": {"x": ""#] + Array(repeating: String(repeating: "y", count: 4096), count: 600)
        let extractor = try #require(MarkupExtractor(.hermes, tools: MarkupExample.tools))
        var text = ""
        for piece in pieces {
            try extractor.receive(.text(piece)) { if case .text(let more) = $0 { text += more } }
            #expect(extractor.input.bytes.count <= MarkupLimits.held + 8192)
        }
        try extractor.finish(isWhole: true) { if case .text(let more) = $0 { text += more } }
        #expect(text == pieces.joined())
        // A value that would have to be whole first becomes a string.
        let value =
            "<tool_call>f<arg_key>k</arg_key><arg_value>[" + String(repeating: "1,", count: 600_000)
            + "1]</arg_value></tool_call>"
        guard case .call("f", let arguments, true)? = try extract(.glm, [value]).first else { throw Nonsense() }
        #expect(arguments.hasPrefix(#"{"k":"[1,1"#) && arguments.hasSuffix(#",1]"}"#))
    }

    @Test func `other events pass, and what is held back goes before them`() throws {
        let extractor = try #require(MarkupExtractor(.hermes, tools: MarkupExample.tools))
        var events: [ProviderEvent] = []
        let reasoning = ProviderEvent.reasoning("<tool_call>{}</tool_call>")
        for event in [
            reasoning, .text("a <tool"), .itemEnd, .text("_call>"), .logprobs([]),
            .toolCall(index: 0, id: "i", name: "n"), .arguments(index: 0, "{"),
            .text("<tool_call>{\"name\": \"f\""), .logprobs([]), .toolCallEnd(index: 0), .text("}"),
        ] {
            try extractor.receive(event) { events.append($0) }
        }
        let call = extractor.calls.index
        #expect(
            events == [
                reasoning, .text("a"), .text(" <tool"), .itemEnd, .text("_call>"), .logprobs([]),
                .toolCall(index: 0, id: "i", name: "n"),
                .arguments(index: 0, "{"), .toolCallEnd(index: 0), .toolCall(index: call, id: "", name: "f"),
                .arguments(index: call, "{}"), .toolCallEnd(index: call),
            ])
    }

    @Test func `nothing is looked for where there is no markup or no function`() {
        #expect(MarkupExtractor(.none, tools: MarkupExample.tools) == nil)
        #expect(MarkupExtractor(.hermes, tools: nil) == nil)
        #expect(MarkupExtractor(.hermes, tools: Array("[]".utf8)) == nil)
        #expect(MarkupExtractor(.hermes, tools: Array(#"[{"type": "web_search"}]"#.utf8)) == nil)
    }
}
