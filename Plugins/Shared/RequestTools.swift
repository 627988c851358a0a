/// `tools` and `tool_choice` of a request: which tools may be called, and whether one must be.
struct RequestTools {
    enum Choice { case auto, none, required, function(JSONValue) }

    /// Functions, and whatever else the provider takes, without those that `allowed_tools` leaves out.
    private(set) var tools: [JSONValue] = []
    private(set) var choice = Choice.auto
    /// Whether the request chose at all.
    private(set) var isChosen = false

    /// `takes` says of a type other than `function` whether the provider's upstream has it; what it doesn't is left out
    /// with a note, and a choice that needs it is refused.
    init(_ request: JSONValue, notes: inout [String], takes: (String) -> Bool = { _ in false }) throws(Failure) {
        var allowed: Set<String>?
        if let value = request["tool_choice"]?.present {
            isChosen = true
            (choice, allowed) = try Self.read(value, takes)
        }
        for (index, tool) in (request["tools"] ?? request).elements.enumerated() {
            let type = tool["type"]?.string ?? "none"
            let name = tool["name"]?.string
            guard takes(type) || (type == "function" && name != nil) else {
                notes.append("tools[\(index)] of type \(type.prefix(60)) was left out: this provider can't take it")
                continue
            }
            if let allowed, !allowed.contains(name ?? type) { continue }
            tools.append(tool)
        }
        switch choice {
        case .auto, .none: break
        case .required:
            guard !tools.isEmpty else {
                throw .unsupported("tool_choice", "No tool of this request is one that the model's provider can take.")
            }
        case .function(let name):
            guard tools.contains(where: { $0["name"]?.string == name.string }) else {
                throw .invalid("tool_choice", "tool_choice names a function that is not among the tools")
            }
        }
    }

    /// The choice, and the names that it allows; nil: all. `allowed_tools` is OpenAI's alone, fewer tools are
    /// everyone's.
    private static func read(_ value: JSONValue, _ takes: (String) -> Bool) throws(Failure) -> (Choice, Set<String>?) {
        switch value.string ?? value["type"]?.string ?? "" {
        case "auto": return (.auto, nil)
        case "none": return (.none, nil)
        case "required": return (.required, nil)
        case let type where type == "function" || takes(type):
            guard let name = value["name"], name.kind == .string else {
                throw .invalid("tool_choice.name", "a string is missing")
            }
            return (.function(name), nil)
        case "allowed_tools":
            let names = (value["tools"] ?? value).elements.compactMap { $0["name"]?.string ?? $0["type"]?.string }
            let isRequired = value["mode"]?.stringEquals("required") == true
            return (isRequired ? .required : .auto, Set(names))
        case let type:
            throw .unsupported(
                "tool_choice",
                "This model's provider can't be made to use '\(type.prefix(60))': it takes functions only.")
        }
    }
}
