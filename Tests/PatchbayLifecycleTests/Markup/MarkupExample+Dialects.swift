import PatchbayLifecycle

/// What models of each family write, as their templates and the parsers of other servers have it.
extension MarkupExample {
    static let all = hermes + llama + mistral + deepseek + glm + qwenXML + json

    static let hermes = [
        MarkupExample(
            .hermes, "one call",
            "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>",
            [.call("get_weather", #"{"city": "Paris"}"#)]),
        MarkupExample(
            .hermes, "text before, between and after",
            "Let me see.\n\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>\nAnd the time:\n"
                + "<tool_call>{\"name\": \"get_time\", \"arguments\": {}}</tool_call>\n\nThat's all.\n",
            [
                .text("Let me see."), .call("get_weather", #"{"city": "Paris"}"#), .text("And the time:"),
                .call("get_time", "{}"), .text("That's all.\n"),
            ]),
        MarkupExample(
            .hermes, "parallel calls",
            "<tool_call>\n{\"name\": \"get_time\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"days\": 3}}\n</tool_call><|im_end|>",
            [.call("get_time", "{}"), .call("get_weather", #"{"days": 3}"#), .text("<|im_end|>")]),
        MarkupExample(
            .hermes, "braces, quotes and tags in strings",
            #"<tool_call>{"name": "get_weather", "arguments": {"city": "} \" </tool_call> {[", "deep": {"a": [{"b": "\\"}]}}}</tool_call>"#,
            [.call("get_weather", #"{"city": "} \" </tool_call> {[", "deep": {"a": [{"b": "\\"}]}}"#)]),
        MarkupExample(
            .hermes, "beyond ASCII",
            "Grüße 👩‍🚀 <tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"東京 🌧️\"}}</tool_call> 世界",
            [.text("Grüße 👩‍🚀"), .call("get_weather", #"{"city": "東京 🌧️"}"#), .text("世界")]),
        MarkupExample(
            .hermes, "arguments before the name, escaped name",
            #"<tool_call>{"id": "a", "arguments": {"x": 1}, "name": "caf\u00e9"}</tool_call>"#,
            [.call("café", #"{"x": 1}"#)]),
        MarkupExample(
            .hermes, "arguments as a string, as null, left out",
            #"<tool_call>{"name": "a", "arguments": "{\"x\": \"\\n\"}"}</tool_call><tool_call>{"name": "b", "arguments": null}</tool_call><tool_call>{"name": "c"}</tool_call>"#,
            [.call("a", #"{"x": "\n"}"#), .call("b", "{}"), .call("c", "{}")]),
        MarkupExample(
            .hermes, "the form of Chat Completions, and an array",
            #"<tool_call>[{"type": "function", "function": {"name": "a", "arguments": {"x": 1}}}, {"name": "b", "parameters": {}}]</tool_call>"#,
            [.call("a", #"{"x": 1}"#), .call("b", "{}")]),
        MarkupExample(
            .hermes, "no closing mark", #"So: <tool_call>{"name": "a", "arguments": {"x": 1}}"#,
            [.text("So:"), .call("a", #"{"x": 1}"#)]),
        MarkupExample(
            .hermes, "half a closing mark", #"<tool_call>{"name": "a", "arguments": {"x": 1}}</tool_"#,
            [.call("a", #"{"x": 1}"#)]),
        MarkupExample(
            .hermes, "a brace too many", #"<tool_call>{"name": "a", "arguments": {"x": 1}}}</tool_call>!"#,
            [.call("a", #"{"x": 1}"#), .text("!")]),
        MarkupExample(
            .hermes, "words where the closing mark should be",
            #"<tool_call>{"name": "a", "arguments": {}} done</tool_call> so"#,
            [.call("a", "{}"), .text("done so")]),
    ]

    static let llama = [
        MarkupExample(
            .llama, "python tag", #"<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}<|eom_id|>"#,
            [.call("get_weather", #"{"city": "Paris"}"#)]),
        MarkupExample(
            .llama, "several with semicolons",
            #"Sure. <|python_tag|>{"name": "a", "parameters": {"q": "1; 2"}}; {"name": "b", "parameters": {}} ok"#,
            [.text("Sure."), .call("a", #"{"q": "1; 2"}"#), .call("b", "{}"), .text("ok")]),
        MarkupExample(
            .llama, "bare", #" {"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}"#,
            [.call("get_weather", #"{"city": "Paris"}"#)]),
        MarkupExample(
            .llama, "two bare",
            "{\"name\": \"get_time\", \"parameters\": {}}\n{\"name\": \"get_weather\", \"parameters\": {\"days\": 2}}",
            [.call("get_time", "{}"), .call("get_weather", #"{"days": 2}"#)]),
        MarkupExample(
            .llama, "an answer in JSON", #"{"name": "Ada", "parameters": {"age": 36}}"#,
            [.text(#"{"name": "Ada", "parameters": {"age": 36}}"#)]),
        MarkupExample(
            .llama, "a call in the middle of text is text",
            #"Like {"name": "get_time", "parameters": {}}."#, [.text(#"Like {"name": "get_time", "parameters": {}}."#)]),
        MarkupExample(
            .llama, "code of the built-in tools", "<|python_tag|>brave_search.call(query=\"x\")",
            [.text("<|python_tag|>brave_search.call(query=\"x\")")]),
    ]

    static let mistral = [
        MarkupExample(
            .mistral, "array",
            #"[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}, "id": "VvvODy9mT"}]"#,
            [.call("get_weather", #"{"city": "Paris"}"#)]),
        MarkupExample(
            .mistral, "array of two, and text",
            #"Yes[1]. [TOOL_CALLS][{"name":"a","arguments":{"l":[1,2]}},{"name":"b","arguments":{}}] [ok]"#,
            [.text("Yes[1]."), .call("a", #"{"l":[1,2]}"#), .call("b", "{}"), .text("[ok]")]),
        MarkupExample(
            .mistral, "name and arguments", #"[TOOL_CALLS]get_weather[ARGS]{"city": "Zürich"}"#,
            [.call("get_weather", #"{"city": "Zürich"}"#)]),
        MarkupExample(
            .mistral, "two of them",
            #"Hm [TOOL_CALLS]get_weather[ARGS]{"city": "]["}[TOOL_CALLS]get_time[ARGS]{}"#,
            [.text("Hm"), .call("get_weather", #"{"city": "]["}"#), .call("get_time", "{}")]),
        MarkupExample(
            .mistral, "with a call id", #"[TOOL_CALLS]get_weather[CALL_ID]A1b2C3d4E[ARGS]{"days": 1}"#,
            [.call("get_weather", #"{"days": 1}"#)]),
        MarkupExample(
            .mistral, "the inner mark lost", #"[TOOL_CALLS]get_weather{"days": 1} x"#,
            [.call("get_weather", #"{"days": 1}"#), .text("x")]),
    ]

    static let deepseek = [
        MarkupExample(
            .deepseek, "V3",
            "Hello.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": \"杭州\"}\n```<｜tool▁call▁end｜>\n"
                + "<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            [.text("Hello."), .call("get_weather", #"{"city": "杭州"}"#), .call("get_time", "{}")]),
        MarkupExample(
            .deepseek, "V3.1",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Paris\"}<｜tool▁call▁end｜>"
                + "<｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜> end",
            [.call("get_weather", #"{"city": "Paris"}"#), .call("get_time", "{}"), .text("end")]),
        MarkupExample(
            .deepseek, "V3.1 without the outer marks",
            "x<｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{}<｜tool▁call▁end｜>", [.text("x"), .call("get_time", "{}")]),
        MarkupExample(
            .deepseek, "V3.2",
            """
            I'll look.

            <｜DSML｜function_calls>
            <｜DSML｜invoke name="get_weather">
            <｜DSML｜parameter name="city" string="true">杭州 "x" </p></｜DSML｜parameter>
            <｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>
            <｜DSML｜parameter name="deep" string="false">{"a": [1, 2]}</｜DSML｜parameter>
            </｜DSML｜invoke>
            <｜DSML｜invoke name="get_time">
            </｜DSML｜invoke>
            </｜DSML｜function_calls>
            """,
            [
                .text("I'll look."), .call("get_weather", #"{"city":"杭州 \"x\" </p>","days":3,"deep":{"a": [1, 2]}}"#),
                .call("get_time", "{}"),
            ]),
        MarkupExample(
            .deepseek, "V4",
            "<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"get_weather\">\n<｜DSML｜parameter name=\"city\" string=\"true\">5</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
            [.call("get_weather", #"{"city":"5"}"#)]),
    ]

    static let glm = [
        MarkupExample(
            .glm, "4.5",
            """

            <tool_call>get_weather
            <arg_key>city</arg_key>
            <arg_value>Beijing "北京" </arg_value>
            <arg_key>days</arg_key>
            <arg_value>3</arg_value>
            </tool_call>
            """, [.call("get_weather", #"{"city":"Beijing \"北京\" ","days":3}"#)]),
        MarkupExample(
            .glm, "4.7, two calls",
            "On it.<tool_call>get_weather<arg_key>city</arg_key><arg_value>5</arg_value><arg_key>loud</arg_key><arg_value>true</arg_value></tool_call><tool_call>get_time</tool_call>Done.",
            [
                .text("On it."), .call("get_weather", #"{"city":"5","loud":true}"#), .call("get_time", "{}"),
                .text("Done."),
            ]),
        MarkupExample(
            .glm, "types by the schema",
            "<tool_call>get_weather\n<arg_key>deep</arg_key>\n<arg_value>{\"a\": \"<b>\"}</arg_value>\n<arg_key>note</arg_key>\n<arg_value>null</arg_value>\n<arg_key>code</arg_key>\n<arg_value>a < b && c\n</arg_value>\n<arg_key>unit</arg_key><arg_value>C</arg_value><arg_key>days</arg_key><arg_value>many</arg_value><arg_key>more</arg_key><arg_value>[1]</arg_value>\n</tool_call>",
            [
                .call(
                    "get_weather",
                    #"{"deep":{"a": "<b>"},"note":null,"code":"a < b && c\n","unit":"C","days":"many","more":[1]}"#)
            ]),
        MarkupExample(
            .glm, "no closing mark", "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Rome</arg_value>\n",
            [.call("get_weather", #"{"city":"Rome"}"#)]),
    ]

    static let qwenXML = [
        MarkupExample(
            .qwenXML, "one call",
            """
            I'll check.
            <tool_call>
            <function=get_weather>
            <parameter=city>
            San
            Francisco
            </parameter>
            <parameter=days>
            3
            </parameter>
            </function>
            </tool_call>
            """, [.text("I'll check."), .call("get_weather", #"{"city":"San\nFrancisco","days":3}"#)]),
        MarkupExample(
            .qwenXML, "values on one line, two calls, text after",
            "<tool_call><function=get_weather><parameter=city>Paris</parameter></function></tool_call>\n<tool_call>\n<function=get_time>\n</function>\n</tool_call>\nThere.",
            [.call("get_weather", #"{"city":"Paris"}"#), .call("get_time", "{}"), .text("There.")]),
        MarkupExample(
            .qwenXML, "no outer tag at the beginning",
            "<function=get_weather>\n<parameter=city>\nif a < b:\n\treturn \"<p>\"\n\n</parameter>\n</function>\n</tool_call> ok",
            [.call("get_weather", #"{"city":"if a < b:\n\treturn \"<p>\"\n"}"#), .text("ok")]),
        MarkupExample(
            .qwenXML, "Python's words, and a parameter that the schema doesn't have",
            "<tool_call>\n<function=get_weather>\n<parameter=loud>\nTrue\n</parameter>\n<parameter=note>\nNone\n</parameter>\n<parameter=x>\n{\"a\": null}\n</parameter>\n<parameter=y>\nplain\n</parameter>\n</function>\n</tool_call>",
            [.call("get_weather", #"{"loud":true,"note":null,"x":{"a": null},"y":"plain"}"#)]),
    ]

    static let json = [
        MarkupExample(
            .json, "an object", "\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"{\"}}\n",
            [.call("get_weather", #"{"city": "{"}"#)]),
        MarkupExample(
            .json, "an array",
            #"[{"name": "get_time", "arguments": {}}, {"name": "get_weather", "parameters": {"days": 1}}]"#,
            [.call("get_time", "{}"), .call("get_weather", #"{"days": 1}"#)]),
        MarkupExample(
            .json, "another object", #"{"answer": [1, 2, {"x": "y"}]} "#, [.text(#"{"answer": [1, 2, {"x": "y"}]} "#)]),
        MarkupExample(.json, "another array", "[1, 2]", [.text("[1, 2]")]),
        MarkupExample(
            .json, "a function that the request doesn't have", #"{"name": "rm", "arguments": {}}"#,
            [.text(#"{"name": "rm", "arguments": {}}"#)]),
    ]
}
