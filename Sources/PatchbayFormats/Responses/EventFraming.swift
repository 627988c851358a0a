/// How the events of one stream are kept apart.
package enum EventFraming: Sendable {
    /// As server-sent events: `event:`, `data:`, an empty line.
    case serverSentEvents
    /// Each event is one JSON object and nothing else; the encoder says where each ends, and whoever sends them puts
    /// the frames of its protocol around them.
    case messages
}
