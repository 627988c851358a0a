/// `ffi:` of a tool: a function of a C library.
struct ForeignFunctionShape: Sendable {
    var library = ""
    var symbol = ""
    var trust: String?
    var arguments: [ForeignArgumentShape] = []
    var returns = ""

    static let schema = Schema(
        make: { ForeignFunctionShape() },
        fields: [
            Field("library", \.library, .text, isRequired: true),
            Field("symbol", \.symbol, .name, isRequired: true),
            Field("trust", \.trust, .choice([("in_process", "in_process")])),
            Field("args", \.arguments, .list(of: ForeignArgumentShape.schema.kind)),
            Field("returns", \.returns, .name, isRequired: true),
        ])
}
