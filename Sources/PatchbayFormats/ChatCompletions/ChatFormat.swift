import PatchbayJSON
import PatchbayModel

/// OpenAI's Chat Completions API.
package struct ChatFormat: WireFormat {
    package struct Options: Sendable {
        /// The stream ends in a chunk with the usage.
        var includesUsage = false
        /// How many answers are asked for.
        var choices = 1
        /// For each item of the hub's request, the place of its message.
        var messages: [Int] = []
    }

    let documents: RequestDocument

    /// `maxDepth`: arrays and objects inside one another, in a request.
    package init(maxDepth: Int = JSONLimits.request.maxDepth) {
        documents = RequestDocument(maxDepth: maxDepth)
    }

    package func read(_ body: [UInt8]) throws(GatewayError) -> (request: Request, options: Options) {
        let reader = try ChatRequest(try documents.parse(body).root)
        return (reader.request, reader.options)
    }

    package func body(of response: Response, _ options: Options) -> [UInt8] {
        body(of: response)
    }

    package func choices(_ options: Options) -> Int { options.choices }

    package func body(of answers: [Response], _ options: Options) -> [UInt8] {
        var json = JSONWriter()
        answers.writeAsChat(to: &json)
        return json.bytes
    }

    /// Also of one that is read again later.
    package func body(of response: Response) -> [UInt8] {
        var json = JSONWriter()
        [response].writeAsChat(to: &json)
        return json.bytes
    }

    package func body(of error: GatewayError) -> [UInt8] {
        var json = JSONWriter()
        json.object { $0.member("error", error) }
        return json.bytes
    }

    package func localised(_ error: GatewayError, _ options: Options) -> GatewayError {
        guard let param = error.param else { return error }
        var error = error
        if let index = Self.inputIndex(param) {
            error.param = options.messages.indices.contains(index) ? "messages[\(options.messages[index])]" : "messages"
        } else if let name = Self.names.first(where: { param == $0.hub || param.hasPrefix($0.hub + ".") }) {
            error.param = name.chat
        }
        return error
    }

    package func makeEncoder(_ options: Options) -> ChatEventEncoder {
        ChatEventEncoder(includesUsage: options.includesUsage, choices: options.choices)
    }

    /// The hub's fields that have another name here.
    private static let names: [(hub: String, chat: String)] = [
        ("max_output_tokens", "max_completion_tokens"), ("text.format", "response_format"),
        ("text.verbosity", "verbosity"), ("reasoning", "reasoning_effort"), ("include", "logprobs"),
        ("input", "messages"),
    ]

    /// The number in `input[3].content`; nil for another path.
    private static func inputIndex(_ path: String) -> Int? {
        guard path.hasPrefix("input[") else { return nil }
        return Int(path.dropFirst(6).prefix { $0 != "]" })
    }
}

extension Response {
    /// The response's id as a chat completion has it: the same, with another prefix.
    var chatID: String { Identifier.chatCompletion(of: id) }
}
