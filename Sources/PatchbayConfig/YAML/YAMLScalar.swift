/// A scalar after `${NAME}` has been replaced, with what its type may be decided from.
struct YAMLScalar: Sendable {
    /// The text, without quotes.
    let text: String
    /// Written without quotes and not made a string by a tag, a `${NAME}` or a `$$`: its type follows from its text.
    let isPlain: Bool
    /// Some of the text came out of `${NAME}` (or its default): where the schema wants a number, the text is read as
    /// one.
    let isSubstituted: Bool
    /// Some of the text came from the environment: never printed.
    let isFromEnvironment: Bool
    /// An error about this scalar has been reported already; there is nothing more to say about it.
    let isBroken: Bool

    init(
        text: String, isPlain: Bool, isSubstituted: Bool = false, isFromEnvironment: Bool = false,
        isBroken: Bool = false
    ) {
        self.text = text
        self.isPlain = isPlain
        self.isSubstituted = isSubstituted
        self.isFromEnvironment = isFromEnvironment
        self.isBroken = isBroken
    }
}
