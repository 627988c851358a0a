/// Text of the file as it may stand in a diagnostic: one line, of bounded length.
enum Quoting {
    /// The most characters of a text that are shown.
    static let most = 60

    static func quote(_ text: String) -> String {
        "'" + shown(text) + "'"
    }

    /// Control characters written as `\u{..}`, and `...` where the text was cut.
    static func shown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(most) {
            let isControl =
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            let isSeparator =
                scalar.properties.generalCategory == .lineSeparator
                || scalar.properties.generalCategory == .paragraphSeparator
            if isControl || isSeparator {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.dropFirst(most).isEmpty ? result : result + "..."
    }

    /// A list for a sentence: `a, b or c`.
    static func list(_ words: [String], _ last: String) -> String {
        guard words.count > 1, let end = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(last) " + end
    }
}
