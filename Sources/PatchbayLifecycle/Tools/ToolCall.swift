import PatchbayJSON
import PatchbayModel
import PatchbaySchema

/// The calls of one round.
struct ToolCalls {
    /// In the order in which the model made them.
    var forServer: [ToolCall] = []
    /// There are others, which the client is to answer.
    var haveClients = false
}

/// A model's call of one of the server's tools.
struct ToolCall: Sendable {
    let entry: Toolbox.Entry
    /// The function call.
    let item: Item
    let callID: String
    /// JSON text, as the model wrote it.
    var arguments: String

    var tool: ServerTool { entry.tool }

    /// The arguments as one JSON object that fits the tool's parameters; or what the model is told of them. No text at
    /// all is no arguments: models write that where a tool has none.
    var checkedArguments: Result<[UInt8], ToolOutcome> {
        let text = arguments.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? "{}" : arguments
        guard let root = (try? JSONDocument.parse(text))?.root else {
            return .failure(.misfit("The arguments are not JSON."))
        }
        guard root.kind == .object else {
            return .failure(.misfit("The arguments are \(root.kind), and an object is expected."))
        }
        guard let problem = entry.schema?.problem(in: root) else { return .success(Array(text.utf8)) }
        let place = problem.path.isEmpty ? "The arguments object" : "'\(problem.path.dropFirst())' of the arguments"
        return .failure(.misfit("\(place) \(problem.message): it does not fit the parameters of '\(tool.name)'."))
    }
}

/// How a call of a tool ended: what the model is told of it.
enum ToolOutcome: Error, Sendable {
    case output(String)
    /// It was not made, for this reason.
    case refused(String)
    /// It was not made: its arguments don't fit.
    case misfit(String)
    case failed(GatewayError)
    /// After so many milliseconds.
    case timedOut(Int)
    case cancelled

    /// What the model is told.
    var text: String {
        switch self {
        case .output(let text): text
        case .refused(let reason): "The tool was not called. \(reason)"
        case .misfit(let problem): "The tool was not called. \(problem) Call it again with arguments that fit."
        case .failed(let error): "The tool failed: \(error.message)"
        case .timedOut(let limit): "The tool failed: it took longer than its time limit of \(limit) ms."
        case .cancelled: "The tool was cancelled before it had ended."
        }
    }

    var isError: Bool {
        if case .output = self { false } else { true }
    }
}

extension Item {
    /// What a model is told of a call.
    static func output(_ text: String, of callID: String) -> Item {
        var json = JSONWriter(capacity: text.utf8.count + callID.utf8.count + 96)
        json.object { json in
            json.member("type", "function_call_output")
            json.member("status", "completed")
            json.member("call_id", callID)
            json.member("output", text)
        }
        return Item(
            kind: .functionCallOutput, id: Identifier.item(for: .functionCallOutput), callID: callID, body: json.bytes)
    }
}
