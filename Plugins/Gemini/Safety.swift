/// What Google is to block: `safety` of the configuration, a threshold for all categories or a mapping of categories to
/// thresholds.
enum Safety {
    enum Category: String, CaseIterable {
        case harassment
        case hateSpeech = "hate_speech"
        case sexuallyExplicit = "sexually_explicit"
        case dangerousContent = "dangerous_content"
    }

    enum Threshold: String, CaseIterable {
        case off
        case blockNone = "block_none"
        case blockOnlyHigh = "block_only_high"
        case blockMediumAndAbove = "block_medium_and_above"
        case blockLowAndAbove = "block_low_and_above"
    }

    /// `safetySettings`, in JSON.
    static func settings(_ value: JSONValue) throws(Failure) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        if let members = value.object {
            for member in members {
                let path = "safety.\(member.key)"
                guard let category = Category(rawValue: member.key) else {
                    let known = Category.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .invalid(path, "unknown category; allowed are \(known)")
                }
                write(category, try member.value.configChoice(path, Threshold.self), to: &json)
            }
        } else {
            let threshold = try value.configChoice("safety", Threshold.self)
            for category in Category.allCases { write(category, threshold, to: &json) }
        }
        json.endArray()
        return json.bytes
    }

    private static func write(_ category: Category, _ threshold: Threshold, to json: inout JSONWriter) {
        json.object { json in
            json.member("category", "HARM_CATEGORY_" + category.rawValue.uppercased())
            json.member("threshold", threshold.rawValue.uppercased())
        }
    }
}
