/// Tells processes apart, on this machine and on others, so that what a dead one left behind is found at once.
package struct ProcessIdentity: Sendable {
    /// This process. Opaque.
    package var text: String
    /// Whether the process of such a text has surely ended; false where that can't be known.
    package var hasEnded: @Sendable (String) -> Bool

    package init(text: String, hasEnded: @escaping @Sendable (String) -> Bool) {
        self.text = text
        self.hasEnded = hasEnded
    }

    /// For tests, and where nothing is known: a lease has to run out.
    package static let unknown = ProcessIdentity(text: "", hasEnded: { _ in false })
}
