import PatchbayJSON
import PatchbayModel

/// Function calls, and items that come whole.
extension AnswerBuilder {
    mutating func beginCall(_ index: Int, id: String, name: String, _ emit: Emit) throws(GatewayError) {
        guard calls[index] == nil else { throw Self.nonsense("two calls of the same number") }
        guard !name.isEmpty else { throw Self.nonsense("a call without a name") }
        endOpenItem(status: .completed, emit)
        let call = OutputItem.FunctionCall(
            id: Identifier.functionCall(), callID: id.isEmpty ? Identifier.call() : id, name: name,
            isServers: serverTools.contains(name))
        calls[index] = try addSlot(.functionCall(call), emit)
    }

    mutating func appendArguments(_ text: String, of index: Int, _ emit: Emit) throws(GatewayError) {
        guard let slot = calls[index] else { throw Self.nonsense("arguments of a call that never began") }
        guard !text.isEmpty else { return }
        slots[slot].arguments += text
        emit(.argumentsDelta(reference(slot), text))
    }

    /// Ends a call in the middle of its arguments.
    mutating func cutCall(_ index: Int, _ emit: Emit) {
        guard let slot = calls.removeValue(forKey: index) else { return }
        endCall(slot, status: .incomplete)
        settle(emit)
    }

    /// Marks a call as ended; `settle` says so once its turn has come.
    mutating func endCall(_ slot: Int, status: OutputItem.Status) {
        guard case .functionCall(var call) = slots[slot].item else { return }
        call.arguments = slots[slot].arguments
        call.status = status
        slots[slot].item = .functionCall(call)
        slots[slot].ended = true
    }

    /// The summary of what was before, in its place before the answer.
    mutating func add(compaction item: Item, _ emit: Emit) throws(GatewayError) {
        let slot = try addSlot(.opaque(item), emit)
        emit(.compacting(reference(slot)))
        slots[slot].ended = true
        settle(emit)
    }

    /// What came of a call that the server has made.
    mutating func add(output item: Item, _ emit: Emit) throws(GatewayError) {
        try spend(item.body.count)
        let slot = try addSlot(.opaque(item), emit)
        slots[slot].ended = true
        settle(emit)
    }

    /// Puts other items in the place of all that there are: whole ones.
    mutating func replace(with items: [Item], _ emit: Emit) throws(GatewayError) {
        (slots, firstOpen, open, part, calls) = ([], 0, .none, nil, [:])
        for item in items {
            let slot = try addSlot(.opaque(item), emit)
            slots[slot].ended = true
            settle(emit)
        }
    }

    mutating func addItem(_ json: [UInt8], _ emit: Emit) throws(GatewayError) {
        guard let document = try? JSONDocument.parse(json), document.root["type"]?.string != nil,
            var item = Item(document.root)
        else { throw Self.nonsense("an item that is no JSON object with a type") }
        guard try rules.admit(item) else { return }
        endOpenItem(status: .completed, emit)
        item.id = Identifier.item(for: item.kind)
        let slot = try addSlot(.opaque(item), emit)
        slots[slot].ended = true
        settle(emit)
    }
}
