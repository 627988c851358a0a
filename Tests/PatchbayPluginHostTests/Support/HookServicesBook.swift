import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// What the lifecycle does for hooks, as a test has it: a bag without bounds, and questions that the test answers.
final class HookServicesBook: HookServices {
    typealias Done = @Sendable (Result<String, GatewayError>) -> Void

    private let values = Mutex<[String: [UInt8]]>([:])
    private let asked = Mutex<[(body: String, done: Done)]>([])

    func put(_ value: [UInt8], named name: String) throws(GatewayError) {
        guard name != "full" else { throw GatewayError(.tooLarge, "The bag is full.") }
        guard name != "odd" else { throw .invalid("An odd name.", param: nil) }
        values.withLock { $0[name] = value.isEmpty ? nil : value }
    }

    func value(named name: String) -> [UInt8]? { values.withLock { $0[name] } }

    func ask(_ body: [UInt8], done: @escaping Done) throws(GatewayError) {
        switch String(decoding: body, as: UTF8.self) {
        case "bad": throw .invalid("No request.", param: "input")
        case "busy": throw GatewayError(.overloaded, "Busy.")
        case let body: asked.withLock { $0.append((body, done)) }
        }
    }

    var questions: [String] { asked.withLock { $0.map(\.body) } }

    /// Answers the question with this number. May be done more than once.
    func answer(_ number: Int, _ answer: Result<String, GatewayError>) {
        asked.withLock { $0[number].done }(answer)
    }
}
