internal import CSimdJSON

extension JSONDocument {
    /// What of other formats is anywhere in a request. `foreign`: a string, key or value, that is `cache_control`,
    /// `is_error`, `context` or `encrypted_index`, or begins with `anthropic:`. `names`: one that is `name`.
    struct Marks {
        var foreign = false
        var names = false
    }

    /// Most requests have no marks, and then nobody need look for them at each item: this looks at the lengths of all
    /// strings, a nanosecond or two each.
    var marks: Marks {
        var marks = Marks()
        let (nodes, bytes) = (nodes, bytes)
        for index in nodes.indices where nodes[index].kind == CSJ_STRING {
            let node = nodes[index]
            switch node.payload {
            case 4: if !marks.names { marks.names = isString(index, "name") }
            case 7: marks.foreign = marks.foreign || isString(index, "context")
            case 8: marks.foreign = marks.foreign || isString(index, "is_error")
            case 13: marks.foreign = marks.foreign || isString(index, "cache_control")
            case 15: marks.foreign = marks.foreign || isString(index, "encrypted_index") || isAnthropics(index)
            case 11...64 where node.isEscaped || bytes[node.text.lowerBound] == UInt8(ascii: "a"):
                marks.foreign = marks.foreign || isAnthropics(index)
            default: break
            }
        }
        return marks
    }

    private func isAnthropics(_ index: Int) -> Bool {
        JSONValue(document: self, index: index).text?.starts(with: "anthropic:".utf8) == true
    }

    private func isString(_ index: Int, _ text: StaticString) -> Bool {
        JSONValue(document: self, index: index).stringEquals(text)
    }
}
