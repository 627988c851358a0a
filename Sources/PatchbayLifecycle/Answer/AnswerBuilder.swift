import PatchbayJSON
import PatchbayModel

/// Makes the items of an answer out of a provider's events, and says what happens to them in the order that a stream
/// promises: for every item and part added, deltas, done; items are done in the order in which they were added. Pure;
/// the same for streamed and non-streamed answers.
///
/// A delta of another kind than the open message or reasoning item ends that item and opens the next. Function calls
/// may be interleaved; each stays open until it is ended or the answer is.
struct AnswerBuilder {
    /// The item that takes deltas.
    enum Open: Equatable {
        case none
        case message(slot: Int)
        case reasoning(slot: Int)
    }

    struct OpenPart {
        enum Kind: Equatable { case text, refusal, reasoning, summary(Int) }
        var kind: Kind
        let item: ItemReference
        /// The part's place in its list.
        var index: Int
        var text = ""
        var annotations: [[UInt8]] = []
        var logprobs: [[UInt8]] = []
    }

    /// A place in the output.
    struct Slot {
        var item: OutputItem
        /// For a function call, its arguments so far (see `part` for why they are here).
        var arguments = ""
        /// No more deltas will come.
        var ended = false
    }

    /// Where the events go.
    typealias Emit = (ResponseEvent) -> Void

    var slots: [Slot] = []
    /// Slots before this one are done.
    var firstOpen = 0
    var open = Open.none
    /// The open item's open part. Its text is kept here, and is appended to where it stands: taken out and put back,
    /// each delta would copy it.
    var part: OpenPart?
    /// The provider's numbers of its calls, and their slots.
    var calls: [Int: Int] = [:]
    /// What may be called.
    var rules: ToolRules
    /// The names of the tools whose calls the server makes.
    private(set) var serverTools: Set<String>
    /// Logprobs for the text that follows.
    var pendingLogprobs: [[UInt8]] = []
    /// What is left of the bound of an answer's size, bytes.
    private var budget: Int
    /// The most items of one answer.
    private let maxItems = 4096

    init(maxBytes: Int, rules: ToolRules, serverTools: Set<String> = []) {
        budget = maxBytes
        self.rules = rules
        self.serverTools = serverTools
    }

    /// Takes a provider's event. Throws kind `.provider` for one that makes no sense here, and for an answer past its
    /// bound.
    mutating func receive(_ event: ProviderEvent, emit: Emit) throws(GatewayError) {
        switch event {
        case .text(let text):
            try spend(text.utf8.count)
            try append(text, to: .text, emit)
        case .refusal(let text):
            try spend(text.utf8.count)
            try append(text, to: .refusal, emit)
        case .reasoning(let text):
            try spend(text.utf8.count)
            try append(text, to: .reasoning, emit)
        case .reasoningSummary(let part, let text):
            try spend(text.utf8.count)
            try append(text, to: .summary(part), emit)
        case .reasoningOpaque(let content):
            try spend(content.utf8.count)
            try setEncryptedContent(content, emit)
        case .toolCall(let index, let id, let name):
            try spend(id.utf8.count + name.utf8.count + 64)
            if try rules.admit(name, index: index) { try beginCall(index, id: id, name: name, emit) }
        case .arguments(let index, let text):
            try spend(text.utf8.count)
            if rules.shows(index) { try appendArguments(text, of: index, emit) }
        case .toolCallEnd(let index):
            guard rules.end(index) else { return }
            guard let slot = calls.removeValue(forKey: index) else {
                throw Self.nonsense("the end of a call that never began")
            }
            endCall(slot, status: .completed)
            settle(emit)
        case .item(let json):
            try spend(json.count)
            try addItem(json, emit)
        case .annotation(let json):
            try spend(json.count)
            try addAnnotation(json, emit)
        case .logprobs(let json):
            try spend(json.count)
            guard let document = try? JSONDocument.parse(json) else { throw Self.nonsense("logprobs that are no JSON") }
            pendingLogprobs.append(contentsOf: document.root.elements.map { Array($0.raw) })
        case .partEnd:
            endPart(emit)
        case .itemEnd:
            endOpenItem(status: .completed, emit)
        }
    }

    /// Ends what is open. `status` is that of the items that the provider had not ended itself.
    mutating func finish(status: OutputItem.Status, emit: Emit) {
        endOpenItem(status: status, emit)
        for slot in slots.indices where !slots[slot].ended { endCall(slot, status: status) }
        calls = [:]
        settle(emit)
    }

    /// An item with what is open of it as it stands.
    func item(_ slot: Int) -> OutputItem {
        switch (slots[slot].item, open) {
        case (.functionCall(var call), _) where !slots[slot].ended:
            call.arguments = slots[slot].arguments
            return .functionCall(call)
        case (.message(var message), .message(slot: slot)):
            if let part { message.parts.append(part.content) }
            return .message(message)
        case (.reasoning(var reasoning), .reasoning(slot: slot)):
            switch part?.kind {
            case .reasoning: reasoning.content.append(part?.text ?? "")
            case .summary: reasoning.summary.append(part?.text ?? "")
            default: break
            }
            return .reasoning(reasoning)
        case (let item, _): return item
        }
    }

    /// The items so far. Whole after `finish`.
    var output: [Item] { slots.map(\.item.item) }

    mutating func spend(_ bytes: Int) throws(GatewayError) {
        budget -= bytes
        guard budget >= 0 else { throw Self.tooLarge }
    }

    /// An answer past its bound.
    static var tooLarge: GatewayError {
        GatewayError(
            .provider, "The answer is larger than this server takes; ask for less with max_output_tokens.",
            code: "answer_too_large")
    }

    mutating func addSlot(_ item: OutputItem, _ emit: Emit) throws(GatewayError) -> Int {
        guard slots.count < maxItems else { throw Self.nonsense("more than \(maxItems) output items") }
        slots.append(Slot(item: item))
        emit(.itemAdded(index: slots.count - 1, item))
        return slots.count - 1
    }

    func reference(_ slot: Int) -> ItemReference {
        ItemReference(index: slot, id: slots[slot].item.id)
    }

    /// Says "done" of the ended items, in their order.
    mutating func settle(_ emit: Emit) {
        while firstOpen < slots.count, slots[firstOpen].ended {
            if case .functionCall(let call) = slots[firstOpen].item {
                emit(.argumentsDone(reference(firstOpen), name: call.name, arguments: call.arguments))
            }
            emit(.itemDone(index: firstOpen, slots[firstOpen].item))
            firstOpen += 1
        }
    }

    /// A provider that says what makes no sense.
    static func nonsense(_ what: String) -> GatewayError {
        GatewayError(.provider, "The provider gave an answer that makes no sense.", detail: "the provider sent \(what)")
    }
}
