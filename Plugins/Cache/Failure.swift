/// Why a configuration isn't taken.
struct Failure: Error {
    /// The key that is wrong; empty where none is.
    var param: String
    /// For the operator.
    var message: String

    init(_ param: String, _ message: String) {
        self.param = param
        self.message = message
    }
}
