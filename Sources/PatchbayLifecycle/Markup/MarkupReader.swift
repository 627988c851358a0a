/// Reads the inside of one dialect's markup, from after the opening mark to after the closing one. Takes what it can
/// of what there is, in such a way that it makes no difference where the text was cut.
protocol MarkupReader {
    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress

    /// The markup has ended without its closing mark. What is held of an open call is passed on, and the call is
    /// completed if nothing else is missing; but where the answer was cut at a limit (`isCut`), who knows.
    mutating func close(_ calls: inout MarkupCalls, isCut: Bool)
}

extension MarkupReader {
    mutating func close(_ calls: inout MarkupCalls, isCut: Bool) {}
}

/// How far a reader got.
enum MarkupProgress {
    /// It needs more text.
    case more
    /// The markup is over; what follows is text.
    case done
    /// What stands at the position doesn't belong here.
    case malformed
}
