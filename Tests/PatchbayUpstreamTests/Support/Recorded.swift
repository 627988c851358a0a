import NIOCore
import PatchbayUpstream

/// What a call's delegate heard, in order.
struct Recorded: Sendable {
    var status: Int?
    var head: UpstreamHead?
    var data: [UInt8] = []
    var events: [SSEEvent] = []
    /// `head`, `data`, `event`, `read`, `done`.
    var order: [String] = []
    var outcome: UpstreamOutcome?

    var text: String { String(decoding: data, as: UTF8.self) }
    var eventTexts: [String] { events.map { String(buffer: $0.data) } }
}
