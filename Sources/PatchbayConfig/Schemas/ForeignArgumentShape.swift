/// An entry of a C function's `args:`: seen by the model (`name`), constant (`value`), or the length of another
/// (`length_of`).
struct ForeignArgumentShape: Sendable {
    var name: String?
    var type = ""
    var description = ""
    var isConstant = false
    var lengthOf: String?

    static let schema = Schema(
        make: { ForeignArgumentShape() },
        fields: [
            Field("name", \.name, .name),
            Field("type", \.type, .name, isRequired: true),
            Field("description", \.description, .text),
            Field("value", \.isConstant, .scalar("a scalar") { _ in true }),
            Field("length_of", \.lengthOf, .name),
        ],
        finish: { _, node, path, sink in
            guard case .mapping(let entries) = node.content else { return }
            let roles = entries.filter { ["name", "value", "length_of"].contains($0.key) }
            if roles.count != 1 {
                sink.error(node.mark, "\(path) needs exactly one of 'name', 'value' and 'length_of'")
            }
        })
}
