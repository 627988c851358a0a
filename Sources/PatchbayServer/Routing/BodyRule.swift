/// What becomes of a request's body. One that is taken is JSON, and it is kept until the request is whole.
enum BodyRule: Sendable {
    /// It is read off the connection and dropped.
    case ignored
    /// It is taken if there is one.
    case optional
    /// A request without one is refused.
    case required
}
