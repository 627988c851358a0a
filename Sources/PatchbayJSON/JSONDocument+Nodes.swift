internal import CSimdJSON

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
        return unsafe (node.isEscaped ? strings : bytes).withUnsafeBufferPointer { texts in
            // The parser has checked that they are UTF-8.
            unsafe String(copying: UTF8Span(unchecked: UnsafeBufferPointer(rebasing: texts[node.text]).span))
        }
    }

    /// Whether the text of the string at `index` is `other`.
    func stringEquals(_ index: Int, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe withPointers { nodes, bytes, strings in
            unsafe csj_equals(nodes + index, bytes, strings, other.baseAddress, other.count) != 0
        }
    }

    /// The node of the value of the first member of the object at `object` with this key.
    func find(_ key: UnsafeBufferPointer<UInt8>, in object: Int) -> Int? {
        let found = unsafe withPointers { nodes, bytes, strings in
            unsafe csj_find(nodes, object, bytes, strings, key.baseAddress, key.count)
        }
        return found == 0 ? nil : found
    }

    /// The number at `index`, correctly rounded.
    func double(_ index: Int) -> Double {
        let range = nodes[index].range
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            let text = unsafe UnsafeBufferPointer(rebasing: bytes[range])
            return unsafe csj_double(text.baseAddress, text.count)
        }
    }

    @inline(__always)
    private func withPointers<Result>(
        _ body: (UnsafePointer<csj_node>, UnsafePointer<UInt8>, UnsafePointer<UInt8>?) -> Result
    ) -> Result {
        unsafe nodes.withUnsafeBufferPointer { nodes in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe strings.withUnsafeBufferPointer { strings in
                    // The array of nodes is never empty, nor is that of the bytes.
                    unsafe body(nodes.baseAddress!, bytes.baseAddress!, strings.baseAddress)
                }
            }
        }
    }
}
