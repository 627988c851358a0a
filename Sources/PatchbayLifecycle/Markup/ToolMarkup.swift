/// How a model writes its tool calls into its text, where it does. The raw values are the words of the configuration
/// and of `pbay_model_info.tool_markup`.
package enum ToolMarkup: String, Sendable, Hashable, CaseIterable {
    /// It doesn't: text is text.
    case none
    /// `<tool_call>{"name": …, "arguments": {…}}</tool_call>`: Hermes, Qwen 2.5 and 3, and many others.
    case hermes
    /// `<|python_tag|>{"name": …, "parameters": {…}}`, or the object alone as the whole answer: Llama 3.
    case llama
    /// `[TOOL_CALLS][{"name": …, "arguments": {…}}]` or `[TOOL_CALLS]name[ARGS]{…}`: Mistral.
    case mistral
    /// `<｜tool▁calls▁begin｜>…` of V3, R1 and V3.1, and the DSML of V3.2 and later: DeepSeek.
    case deepseek
    /// `<tool_call>name<arg_key>…</arg_key><arg_value>…</arg_value></tool_call>`: GLM 4.5 and later.
    case glm
    /// `<function=name><parameter=x>…</parameter></function>`: Qwen 3 Coder and later.
    case qwenXML = "qwen_xml"
    /// The answer is a JSON object or array of calls and nothing else.
    case json
}
