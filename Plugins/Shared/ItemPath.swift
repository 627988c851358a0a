/// A place in the request's input. It becomes a text only where something is wrong there.
struct ItemPath {
    let item: Int
    var field: StaticString = ""
    /// Of an array in that field; -1 for none.
    var part = -1

    func field(_ name: StaticString) -> ItemPath { ItemPath(item: item, field: name) }
    func part(_ number: Int) -> ItemPath { ItemPath(item: item, field: field, part: number) }

    /// `[3]` where a path goes on so; empty where it doesn't.
    static func index(of rest: Substring) -> String {
        guard rest.first == "[" else { return "" }
        let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        let isIndex = !digits.isEmpty && digits.endIndex < rest.endIndex && rest[digits.endIndex] == "]"
        return isIndex ? "[\(digits)]" : ""
    }

    /// `input[3].content[0].type`
    func text(_ suffix: String = "") -> String {
        let field = field.description
        return "input[\(item)]" + (field.isEmpty ? "" : "." + field) + (part < 0 ? "" : "[\(part)]") + suffix
    }
}
