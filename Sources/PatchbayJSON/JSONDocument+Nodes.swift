internal import CSimdJSON
private import Glibc

extension csj_node {
    var kind: Int { Int(bits) & CSJ_KIND_MASK }
    var isEscaped: Bool { Int(bits) & CSJ_ESCAPED != 0 }
    /// A string's length in bytes with the escapes undone, a container's count.
    var payload: Int { Int(bits >> CSJ_PAYLOAD_SHIFT) }
    /// The offsets of the value in the source; of a string with its quotes.
    var range: Range<Int> { Int(start)..<Int(end) }
    /// The offsets of a string's text, in `strings` when it has escapes and else in the source.
    var text: Range<Int> {
        let from = isEscaped ? Int(link) : Int(start) + 1
        return from..<(from + payload)
    }
}

extension JSONDocument {
    /// The node after the value at `index` and all that is inside it.
    func after(_ index: Int) -> Int {
        let node = nodes[index]
        return node.kind >= CSJ_ARRAY ? Int(node.link) : index + 1
    }

    /// The text of the string at `index`.
    func string(_ index: Int) -> String {
        let node = nodes[index]
        return String(decoding: node.isEscaped ? strings[node.text] : bytes[node.text], as: UTF8.self)
    }

    /// Whether the text of the string at `index` is `other`.
    func stringEquals(_ index: Int, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        let node = nodes[index]
        guard node.payload == other.count else { return false }
        return unsafe (node.isEscaped ? strings : bytes).withUnsafeBufferPointer { texts in
            unsafe Self.equal(UnsafeBufferPointer(rebasing: texts[node.text]), other)
        }
    }

    /// The node of the value of the first member of the object at `object` with this key.
    func find(_ key: UnsafeBufferPointer<UInt8>, in object: Int) -> Int? {
        let node = nodes[object]
        guard node.kind == CSJ_OBJECT else { return nil }
        return unsafe nodes.withUnsafeBufferPointer { nodes in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                var at = object + 1
                for _ in 0..<node.payload {
                    let name = unsafe nodes[at]
                    if name.payload == key.count {
                        if name.isEscaped {
                            if unsafe stringEquals(at, key) { return at + 1 }
                        } else if unsafe Self.equal(UnsafeBufferPointer(rebasing: bytes[name.text]), key) {
                            return at + 1
                        }
                    }
                    let value = unsafe nodes[at + 1]
                    at = value.kind >= CSJ_ARRAY ? Int(value.link) : at + 2
                }
                return nil
            }
        }
    }

    /// The number at `index`, correctly rounded.
    func double(_ index: Int) -> Double {
        let range = nodes[index].range
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            let text = unsafe UnsafeBufferPointer(rebasing: bytes[range])
            return unsafe csj_double(text.baseAddress, text.count)
        }
    }

    /// Two texts of the same length.
    private static func equal(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = one.baseAddress, let second = other.baseAddress else { return true }
        return unsafe memcmp(first, second, one.count) == 0
    }
}
