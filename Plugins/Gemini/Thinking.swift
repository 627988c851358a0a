/// How a model is told how much to think. It changes with the generation, and what one takes another refuses.
enum Thinking: String, CaseIterable, Sendable {
    /// By a word: Gemini 3 and later.
    case level
    /// By a number of tokens: Gemini 2.5.
    case budget
    /// It doesn't think, or can't be told.
    case none

    /// By the model's name; one without a number, such as `gemini-flash-latest`, is of the latest generation.
    init(model: String) {
        let name = model.drop { $0 != "/" }.dropFirst()
        let bare = name.isEmpty ? Substring(model) : name
        if bare.hasPrefix("gemini-2.5") {
            self = .budget
        } else if bare.hasPrefix("gemini-1") || bare.hasPrefix("gemini-2") || !bare.hasPrefix("gemini") {
            self = .none
        } else {
            self = .level
        }
    }

    /// Writes what stands for an effort; false where it is no such word. Gemini's levels end at HIGH, and begin at
    /// MINIMAL, which is as near to none as they come; the budgets are those of Google's own API in OpenAI's form.
    func write(effort: String, to json: inout JSONWriter) -> Bool {
        let (level, budget): (StaticString, Int)
        switch effort {
        case "none": (level, budget) = ("MINIMAL", 0)
        case "minimal": (level, budget) = ("MINIMAL", 1024)
        case "low": (level, budget) = ("LOW", 1024)
        case "medium": (level, budget) = ("MEDIUM", 8192)
        case "high", "xhigh", "max": (level, budget) = ("HIGH", 24_576)
        default: return false
        }
        if self == .level {
            json.member("thinkingLevel", literal: level)
        } else {
            json.member("thinkingBudget", budget)
        }
        return true
    }
}
