/// Why a value doesn't fit a schema, or a schema can't be used: the first reason that was found.
package struct SchemaProblem: Error, Sendable, Hashable {
    /// Where: `.items[3].name`; empty at the top. Of a value, or of a schema.
    package private(set) var path: String
    /// What is wrong there, as the end of a sentence.
    package let message: String

    init(_ message: String) {
        path = ""
        self.message = message
    }

    /// The same, seen from the object whose member this is.
    func inside(_ member: String) -> SchemaProblem {
        var problem = self
        problem.path = ".\(member.prefix(64))\(path)"
        return problem
    }

    /// The same, seen from the array whose element this is.
    func inside(_ index: Int) -> SchemaProblem {
        var problem = self
        problem.path = "[\(index)]\(path)"
        return problem
    }
}
