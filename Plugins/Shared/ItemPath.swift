/// A place in the request's input. It becomes a text only where something is wrong there.
struct ItemPath {
    let item: Int
    var field: StaticString = ""
    /// Of an array in that field; -1 for none.
    var part = -1

    func field(_ name: StaticString) -> ItemPath { ItemPath(item: item, field: name) }
    func part(_ number: Int) -> ItemPath { ItemPath(item: item, field: field, part: number) }

    /// `input[3].content[0].type`
    func text(_ suffix: String = "") -> String {
        let field = field.description
        return "input[\(item)]" + (field.isEmpty ? "" : "." + field) + (part < 0 ? "" : "[\(part)]") + suffix
    }
}
