/// A proxy variable of the environment that can't be used. It never holds the value, which may be a password.
package struct UpstreamProxyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The variable's name.
    package let variable: String
    package let problem: String

    package var description: String { "the environment variable \(variable) \(problem)" }
}
