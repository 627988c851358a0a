import CPatchbay
import PatchbayJSON
internal import PatchbayLifecycle

/// What a plugin pushed, checked and copied.
enum PushedEvent {
    /// `bytes`: of its texts together.
    case event(ProviderEvent, bytes: Int)
    case fault(StreamFault)
    case unsupported

    /// The function's name and the call's id.
    private static let maxNameBytes = 1024

    /// - Parameter limit: bytes of the event.
    @inline(__always)
    init(_ event: pbay_event, limit: Int) {
        let kind = unsafe Int(event.kind)
        let size = unsafe event.text.size
        guard size <= UInt64(limit) else {
            self = .fault(.eventTooLarge)
            return
        }
        if kind == PBAY_EVENT_TEXT {
            guard let text = unsafe event.text.string() else {
                self = .fault(.malformed("a text that isn't UTF-8"))
                return
            }
            self = .event(.text(text), bytes: Int(size))
        } else {
            unsafe self.init(other: event, kind: kind, bytes: Int(size))
        }
    }

    @inline(never)
    private init(other event: pbay_event, kind: Int, bytes: Int) {
        do {
            guard let made = unsafe try Self.make(event, kind) else {
                self = .unsupported
                return
            }
            let names = unsafe kind == PBAY_EVENT_TOOL_CALL ? Int(event.id.size + event.name.size) : 0
            self = .event(made, bytes: bytes + names)
        } catch {
            self = .fault(error)
        }
    }

    /// Nil: an unknown kind.
    private static func make(_ event: pbay_event, _ kind: Int) throws(StreamFault) -> ProviderEvent? {
        let index = unsafe Int(event.index)
        switch kind {
        case PBAY_EVENT_REFUSAL: return unsafe .refusal(try text(event.text))
        case PBAY_EVENT_REASONING: return unsafe .reasoning(try text(event.text))
        case PBAY_EVENT_REASONING_SUMMARY: return unsafe .reasoningSummary(part: index, try text(event.text))
        case PBAY_EVENT_REASONING_OPAQUE: return unsafe .reasoningOpaque(try text(event.text))
        case PBAY_EVENT_TOOL_CALL:
            guard let id = unsafe event.id.string(limit: maxNameBytes),
                let name = unsafe event.name.string(limit: maxNameBytes), !name.isEmpty
            else { throw .malformed("a tool call without a proper name or id") }
            return .toolCall(index: index, id: id, name: name)
        case PBAY_EVENT_ARGUMENTS: return unsafe .arguments(index: index, try text(event.text))
        case PBAY_EVENT_TOOL_CALL_END: return .toolCallEnd(index: index)
        case PBAY_EVENT_ITEM:
            let json = unsafe try json(event.text, .object, "an item that isn't a JSON object")
            guard json.root["type"]?.kind == .string else { throw .malformed("an item without a type") }
            return .item(Array(json.root.raw))
        case PBAY_EVENT_ANNOTATION:
            return unsafe .annotation(
                Array(try json(event.text, .object, "an annotation that isn't a JSON object").root.raw))
        case PBAY_EVENT_LOGPROBS:
            return unsafe .logprobs(Array(try json(event.text, .array, "logprobs that aren't a JSON array").root.raw))
        case PBAY_EVENT_PART_END: return .partEnd
        case PBAY_EVENT_ITEM_END: return .itemEnd
        default: return nil
        }
    }

    private static func text(_ text: pbay_text) throws(StreamFault) -> String {
        guard let string = unsafe text.string() else { throw .malformed("a text that isn't UTF-8") }
        return string
    }

    private static func json(_ text: pbay_text, _ kind: JSONKind, _ fault: String) throws(StreamFault) -> JSONDocument {
        guard let bytes = unsafe text.bytes(), let document = try? JSONDocument.parse(bytes),
            document.root.kind == kind
        else { throw .malformed(fault) }
        return document
    }
}
