/// Why the server can't listen: what was tried, and what to do.
package struct ServerError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
