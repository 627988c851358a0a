import Synchronization

/// Whether a request was given a kept answer, so that what the host says of it afterwards isn't kept again.
final class AnswerMark: Sendable {
    private let mark = Atomic(false)

    var isSet: Bool { mark.load(ordering: .acquiring) }
    func set() { mark.store(true, ordering: .releasing) }
}
