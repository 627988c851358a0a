/// `returns:` of a C function.
package struct ForeignReturnConfiguration: Sendable {
    /// Which statuses are successes.
    package enum Success: Sendable {
        case values([Int])
        case nonzero
        case nonnegative
    }

    /// nil: `void`.
    package var type: ForeignTypeConfiguration?
    /// What the model is told it as; nil: it isn't told.
    package var name: String? = "result"
    /// It is a status.
    package var ok: Success?
    /// A function that gives a status its words.
    package var errorText: String?
    /// The words of a status that is no success.
    package var error: String?
    /// It is the length of this output.
    package var lengthOf: String?
    /// A function that frees what was returned.
    package var release: String?
    package var encoding = ForeignEncodingName.text
    /// The most bytes of a string or of bytes; nil: the default.
    package var max: Int?

    var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    var path = ""
    /// `name` as it stands in the file.
    var ownName: String?

    package init() {}
}
