/// What the cache knows a request by.
struct Ticket: Sendable {
    let key: Fingerprint
    let number: UInt64
}
