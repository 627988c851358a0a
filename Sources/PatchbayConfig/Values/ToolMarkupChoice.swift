/// What is known of the way a model writes its tool calls into its text: `tool_markup` of a model.
package enum ToolMarkupChoice: String, Sendable, CaseIterable {
    /// What its provider says of it.
    case auto
    /// It doesn't.
    case none
    case hermes
    case llama
    case mistral
    case deepseek
    case glm
    case qwenXML = "qwen_xml"
    case json
}
