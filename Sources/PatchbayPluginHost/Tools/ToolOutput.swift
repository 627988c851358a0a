import CPatchbay
import Synchronization

/// The texts of a tool's call, from whatever thread they come: as much is kept as the model may be told, and enough
/// more for the caller to see that there was more.
final class ToolOutput: Sendable {
    private let text = Mutex("")
    private let limit: Int

    /// `limit`: bytes.
    init(limit: Int) {
        // The longest character is of four bytes: what is cut on a border is still over the limit.
        self.limit = limit + 4
    }

    /// Adds an event of the plugin's. Other kinds than texts are left out. False: a text that is none.
    func take(_ event: pbay_event) -> Bool {
        guard unsafe Int(event.kind) == PBAY_EVENT_TEXT else { return true }
        guard let buffer = unsafe event.text.buffer, let more = try? unsafe UTF8Span(validating: buffer.span) else {
            return false
        }
        text.withLock { text in
            let room = limit - text.utf8.count
            guard room > 0 else { return }
            text += String(copying: more).prefix(bytes: room)
        }
        return true
    }

    /// All of it; from now on there is none.
    func taken() -> String {
        text.withLock { text in
            defer { text = "" }
            return text
        }
    }
}
