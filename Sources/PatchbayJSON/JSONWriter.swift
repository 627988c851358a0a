/// Writes one JSON text, or several after one another, into bytes that it owns. Commas come by themselves; that
/// objects and arrays are closed, and that every member has a key, is the caller's part. Valid strings in, valid JSON
/// out.
///
///     var json = JSONWriter()
///     json.beginObject()
///     json.member("type", "response.output_text.delta")
///     json.key("delta"); json.string(text)
///     json.endObject()
package struct JSONWriter: Sendable {
    /// What has been written.
    package var bytes: [UInt8] = []
    /// Whether a value or key that comes next needs a comma before it.
    var needsComma = false

    package init() {}

    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Takes over `bytes`, whose memory is used and whose content stays in front.
    package init(appendingTo bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    /// Forgets what was written and keeps the memory.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    package mutating func null() { literal("null") }

    /// A value that is JSON already: it is copied as it is, not checked.
    package mutating func raw(_ json: ArraySlice<UInt8>) {
        comma()
        bytes.append(contentsOf: json)
    }

    /// A value that is JSON already: it is copied as it is, not checked.
    package mutating func raw(_ json: [UInt8]) {
        comma()
        bytes.append(contentsOf: json)
    }

    /// A value as it came in its document.
    package mutating func value(_ value: JSONValue) { raw(value.raw) }

    /// Bytes that aren't JSON, such as an event's `data: ` and its empty line. The next value has no comma before it.
    package mutating func verbatim(_ text: StaticString) {
        bytes.append(text)
        needsComma = false
    }

    /// Bytes that aren't JSON. The next value has no comma before it.
    package mutating func verbatim(_ text: borrowing Span<UInt8>) {
        bytes.append(copying: text)
        needsComma = false
    }

    /// Bytes that aren't JSON. The next value has no comma before it.
    package mutating func verbatim(_ text: some Collection<UInt8>) {
        bytes.append(contentsOf: text)
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// A value that is JSON already, written in the source: `literal("{\"type\":\"text\"}")`.
    package mutating func literal(_ json: StaticString) {
        comma()
        bytes.append(json)
    }

    /// Before a value. After it, the next one needs a comma.
    mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
