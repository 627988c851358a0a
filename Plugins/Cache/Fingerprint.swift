internal import CSimdJSON
import PatchbayPluginCommon

/// A SHA-256: what stands for a prompt, for the fields of a request, and, made of these, for an entry of the cache.
struct Fingerprint: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    fileprivate init(_ words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    static func == (one: Fingerprint, other: Fingerprint) -> Bool { one.words == other.words }

    /// Its bits are as good as random ones: some of them are enough.
    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }

    /// Makes a fingerprint of what `body` adds.
    static func of(_ body: (inout Maker) -> Void) -> Fingerprint {
        var maker = Maker()
        body(&maker)
        return maker.end()
    }

    /// Takes values, each with its kind and its length in front of it, so that no two sequences of values are the same
    /// sequence of bytes.
    struct Maker {
        private var digest = pdigest_begin()
        /// What isn't in the digest yet.
        private var pending: [UInt8] = []
        private static let pendingBytes = 1 << 14

        fileprivate init() {
            pending.reserveCapacity(1024)
        }

        mutating func add(_ bytes: [UInt8]) {
            begin(.bytes, count: bytes.count)
            add(content: bytes[...])
        }

        mutating func add(_ text: String) {
            add([UInt8](text.utf8))
        }

        mutating func add(_ other: Fingerprint) {
            var words = other.words
            unsafe withUnsafeBytes(of: &words) { unsafe pending.append(contentsOf: $0) }
        }

        mutating func add(count: Int) {
            begin(.count, count: count)
        }

        /// A JSON value: the same whatever white space is in it and however its strings are escaped. The members of
        /// objects count in the order in which they are written, as they do to a model.
        mutating func add(_ value: JSONValue) {
            add(nodes: value.index..<value.document.after(value.index), of: value.document)
        }

        /// An object without one of its members.
        mutating func add(_ object: JSONValue, without key: StaticString) {
            let left = object.members.count { !$0.keyEquals(key) }
            begin(.object, count: left)
            for member in object.members where !member.keyEquals(key) {
                add(nodes: member.index..<member.document.after(member.index + 1), of: member.document)
            }
        }

        private enum Tag: UInt8 {
            // 0 to 7 are the kinds of JSON values as the parser numbers them.
            case object = 7
            case bytes = 16
            case count = 17
        }

        private mutating func begin(_ tag: Tag, count: Int) {
            begin(tag.rawValue, count: count)
        }

        private mutating func begin(_ tag: UInt8, count: Int) {
            pending.append(tag)
            unsafe withUnsafeBytes(of: UInt64(count)) { unsafe pending.append(contentsOf: $0) }
        }

        private mutating func add(content: ArraySlice<UInt8>) {
            if pending.count + content.count > Self.pendingBytes { flush() }
            if content.count > Self.pendingBytes {
                unsafe content.withUnsafeBytes { unsafe pdigest_add(&digest, $0.baseAddress, $0.count) }
            } else {
                pending.append(contentsOf: content)
            }
        }

        /// Nodes stand in the order of the source, each with its count where others are inside it.
        private mutating func add(nodes: Range<Int>, of document: JSONDocument) {
            for index in nodes {
                let node = document.nodes[index]
                switch node.kind {
                case CSJ_STRING:
                    begin(UInt8(node.kind), count: node.payload)
                    add(content: (node.isEscaped ? document.strings : document.bytes)[node.text])
                case CSJ_ARRAY...:
                    begin(UInt8(node.kind), count: node.payload)
                default:
                    begin(UInt8(node.kind), count: node.range.count)
                    add(content: document.bytes[node.range])
                }
            }
        }

        private mutating func flush() {
            unsafe pending.withUnsafeBytes { unsafe pdigest_add(&digest, $0.baseAddress, $0.count) }
            pending.removeAll(keepingCapacity: true)
        }

        fileprivate mutating func end() -> Fingerprint {
            flush()
            var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            unsafe withUnsafeMutableBytes(of: &words) {
                unsafe pdigest_end(&digest, $0.baseAddress?.assumingMemoryBound(to: UInt8.self))
            }
            return Fingerprint(words)
        }
    }
}
