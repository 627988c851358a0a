import PatchbayJSON

/// Makes the JSON object of a call's arguments out of parameters that come one by one, as XML-like dialects write
/// them.
struct ParameterList {
    private let function: String
    private let tools: MarkupTools
    private var count = 0
    private var value: ParameterValue?

    init(of function: String, _ tools: MarkupTools) {
        self.function = function
        self.tools = tools
    }

    /// Begins a parameter, whose value lasts up to `closer`.
    ///
    /// - Parameters:
    ///   - isString: what the markup says of it; nil: the schema says it.
    ///   - trimsLines: the value stands on lines of its own, whose ends are no part of it.
    mutating func begin(
        _ parameter: String, upTo closer: MarkupMark, isString: Bool? = nil, trimsLines: Bool = false,
        _ calls: inout MarkupCalls
    ) {
        calls.append([UInt8(ascii: count == 0 ? "{" : ",")])
        calls.append(JSONWriter.quoted(parameter))
        calls.append([UInt8(ascii: ":")])
        count += 1
        let kind = isString.map { $0 ? MarkupTools.Parameter.string : .other }
        value = ParameterValue(
            kind: kind ?? tools.kind(of: parameter, of: function), closer: closer, trimsLines: trimsLines)
    }

    /// Reads the value that has begun. True: it has ended.
    mutating func readValue(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> Bool {
        guard value?.read(&input, &calls) == true else { return false }
        value = nil
        return true
    }

    /// All parameters are here: the call is complete.
    mutating func end(_ calls: inout MarkupCalls) {
        calls.append(count == 0 ? Array("{}".utf8) : [UInt8(ascii: "}")])
        calls.end()
    }

    /// See `MarkupReader`.
    mutating func close(_ calls: inout MarkupCalls, isCut: Bool) {
        if value != nil {
            value?.cut(&calls)
        } else if !isCut {
            end(&calls)
        }
    }
}
