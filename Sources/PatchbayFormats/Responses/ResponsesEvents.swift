import PatchbayJSON
import PatchbayModel

/// Writes a stream of the Responses API: `event:` equals the body's `type`, and `sequence_number` counts from 0
/// without a gap.
package struct ResponsesEventEncoder: EventEncoder {
    let framing: EventFraming
    /// Where the events that have been written end, as `EventFraming.messages` says. The caller empties it.
    package var ends: [Int] = []
    /// Of the next event.
    private(set) var sequenceNumber = 0
    /// The beginning of the last text delta's event, which is the same for all deltas of a part: everything up to the
    /// sequence number.
    private var textPrefix: [UInt8] = []
    private var textPlace: (item: Int, part: Int) = (-1, -1)

    private let endsWithDone: Bool

    package init(framing: EventFraming = .serverSentEvents, endsWithDone: Bool = false) {
        self.framing = framing
        self.endsWithDone = endsWithDone
    }

    package mutating func encode(_ event: ResponseEvent, into json: inout JSONWriter) {
        switch event {
        case .textDelta(let item, let part, let text, let logprobs):
            beginText(item, part: part, &json)
            json.string(text)
            if logprobs.isEmpty, framing == .serverSentEvents {
                json.verbatim(",\"logprobs\":[]}\n\n")
            } else {
                json.key("logprobs")
                json.array { json in
                    for logprob in logprobs { json.raw(logprob) }
                }
                end(&json)
            }
        case .argumentsDelta(let item, let text):
            begin("response.function_call_arguments.delta", item, &json)
            json.member("delta", text)
            end(&json)
        case .reasoningDelta(let item, let part, let text):
            begin("response.reasoning_text.delta", item, part: part, &json)
            json.member("delta", text)
            end(&json)
        case .refusalDelta(let item, let part, let text):
            begin("response.refusal.delta", item, part: part, &json)
            json.member("delta", text)
            end(&json)
        case .summaryDelta(let item, let part, let text):
            begin("response.reasoning_summary_text.delta", item, &json)
            json.member("summary_index", part)
            json.member("delta", text)
            end(&json)
        case .annotationAdded(let item, let part, let index, let annotation):
            begin("response.output_text.annotation.added", item, part: part, &json)
            json.member("annotation_index", index)
            json.key("annotation")
            json.raw(annotation)
            end(&json)
        default:
            encodeBoundary(event, into: &json)
        }
    }

    /// The events that open and close things: rare, beside the deltas.
    private mutating func encodeBoundary(_ event: ResponseEvent, into json: inout JSONWriter) {
        switch event {
        case .created(let response): encode("response.created", response, &json)
        case .queued(let response): encode("response.queued", response, &json)
        case .inProgress(let response): encode("response.in_progress", response, &json)
        case .completed(let response): encodeEnd("response.completed", response, &json)
        case .incomplete(let response): encodeEnd("response.incomplete", response, &json)
        case .failed(let response): encodeEnd("response.failed", response, &json)
        case .itemAdded(let index, let item): encode("response.output_item.added", index, item, &json)
        case .itemDone(let index, let item): encode("response.output_item.done", index, item, &json)
        case .partAdded(let item, let part, let content):
            encode("response.content_part.added", item, part: part, content, &json)
        case .partDone(let item, let part, let content):
            encodeDone(content, item, part: part, &json)
            encode("response.content_part.done", item, part: part, content, &json)
        case .argumentsDone(let item, let name, let arguments):
            begin("response.function_call_arguments.done", item, &json)
            json.member("name", name)
            json.member("arguments", arguments)
            end(&json)
        case .compacting(let item):
            begin("response.compaction.compacting", item, &json)
            end(&json)
        case .summaryPartAdded(let item, let part):
            begin("response.reasoning_summary_part.added", item, &json)
            json.member("summary_index", part)
            summaryPart("", &json)
            end(&json)
        case .summaryPartDone(let item, let part, let text):
            begin("response.reasoning_summary_text.done", item, &json)
            json.member("summary_index", part)
            json.member("text", text)
            end(&json)
            begin("response.reasoning_summary_part.done", item, &json)
            json.member("summary_index", part)
            summaryPart(text, &json)
            end(&json)
        case .error(let error):
            begin("error", &json)
            json.member("code", error.responsesCode)
            json.member("message", error.message)
            json.member("param", error.param)
            end(&json)
        case .textDelta, .argumentsDelta, .reasoningDelta, .refusalDelta, .summaryDelta, .annotationAdded:
            break  // written above
        }
    }

    private mutating func encodeEnd(_ type: StaticString, _ response: Response, _ json: inout JSONWriter) {
        encode(type, response, &json)
        if endsWithDone { json.verbatim("data: [DONE]\n\n") }
    }

    private mutating func encode(_ type: StaticString, _ response: Response, _ json: inout JSONWriter) {
        begin(type, &json)
        json.key("response")
        response.writeAsResponses(to: &json)
        end(&json)
    }

    private mutating func encode(_ type: StaticString, _ index: Int, _ item: OutputItem, _ json: inout JSONWriter) {
        begin(type, &json)
        json.member("output_index", index)
        json.key("item")
        item.item.write(to: &json)
        end(&json)
    }

    private mutating func encode(
        _ type: StaticString, _ item: ItemReference, part: Int, _ content: ContentPart, _ json: inout JSONWriter
    ) {
        begin(type, item, part: part, &json)
        json.key("part")
        content.write(to: &json)
        end(&json)
    }

    private mutating func encodeDone(
        _ content: ContentPart, _ item: ItemReference, part: Int, _ json: inout JSONWriter
    ) {
        switch content {
        case .text(let text, _, let logprobs):
            begin("response.output_text.done", item, part: part, &json)
            json.member("text", text)
            json.key("logprobs")
            json.array { json in
                for logprob in logprobs { json.raw(logprob) }
            }
        case .refusal(let text):
            begin("response.refusal.done", item, part: part, &json)
            json.member("refusal", text)
        case .reasoning(let text):
            begin("response.reasoning_text.done", item, part: part, &json)
            json.member("text", text)
        }
        end(&json)
    }

    private func summaryPart(_ text: String, _ json: inout JSONWriter) {
        json.key("part")
        json.object { json in
            json.member("type", literal: "summary_text")
            json.member("text", text)
        }
    }

    /// Everything of a text delta's event up to its text: the hot path, so that what is the same for all deltas of a
    /// part is written once.
    private mutating func beginText(_ item: ItemReference, part: Int, _ json: inout JSONWriter) {
        if textPlace != (item.index, part) {
            textPlace = (item.index, part)
            var prefix = JSONWriter(capacity: 256)
            if framing == .serverSentEvents { prefix.verbatim("event: response.output_text.delta\ndata: ") }
            prefix.beginObject()
            prefix.member("type", literal: "response.output_text.delta")
            prefix.member("item_id", item.id)
            prefix.member("output_index", item.index)
            prefix.member("content_index", part)
            prefix.key("sequence_number")
            textPrefix = prefix.bytes
        }
        json.verbatim(textPrefix.span)
        json.int(sequenceNumber)
        sequenceNumber += 1
        json.key("delta")
    }

    mutating func begin(_ type: StaticString, _ json: inout JSONWriter) {
        if framing == .serverSentEvents {
            json.verbatim("event: ")
            json.verbatim(type)
            json.verbatim("\ndata: ")
        }
        json.beginObject()
        json.member("type", literal: type)
        json.member("sequence_number", sequenceNumber)
        sequenceNumber += 1
    }

    private mutating func begin(_ type: StaticString, _ item: ItemReference, _ json: inout JSONWriter) {
        begin(type, &json)
        json.member("item_id", item.id)
        json.member("output_index", item.index)
    }

    private mutating func begin(_ type: StaticString, _ item: ItemReference, part: Int, _ json: inout JSONWriter) {
        begin(type, item, &json)
        json.member("content_index", part)
    }

    mutating func end(_ json: inout JSONWriter) {
        json.endObject()
        switch framing {
        case .serverSentEvents:
            json.verbatim("\n\n")
        case .messages:
            json.verbatim("")
            ends.append(json.bytes.count)
        }
    }
}
