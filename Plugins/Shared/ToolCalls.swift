import CPatchbay

/// The tool calls of one chat stream. Servers number them by `index`, by `id`, by both or by neither; send a name
/// whole, in pieces or again and again; send arguments in pieces, whole, or as an object. A call is told to the host
/// when its first arguments come, or at the end: until then its name may still grow.
struct ToolCalls {
    private struct Call {
        /// The upstream's number, if it gives one.
        var index: Int?
        var id: [UInt8]
        var name: [UInt8]
        var hasBegun = false
    }

    private static let (maxCalls, maxNameBytes) = (1024, 4096)
    private var calls: [Call] = []

    /// One entry of `tool_calls`, the `position`th of its chunk; or the `function_call` of before there were tools.
    mutating func take(_ value: JSONValue, position: Int, _ output: Output) throws(Failure) {
        guard value.kind == .object else { throw .nonsense("The upstream's tool call is \(value.kind).") }
        let function = value["function"] ?? value
        let (index, id, name) = (value["index"]?.int, value["id"]?.text ?? [], function["name"]?.text ?? [])
        let number = find(index, id, isNamed: !name.isEmpty, position) ?? calls.count
        if number == calls.count {
            guard number < Self.maxCalls else { throw .nonsense("The upstream calls too many tools.") }
            calls.append(Call(index: index, id: [], name: []))
        }
        if calls[number].id.isEmpty, !id.isEmpty { calls[number].id = Array(id.prefix(Self.maxNameBytes)) }
        if !name.isEmpty { try grow(number, name, output) }

        guard let arguments = function["arguments"]?.present else { return }
        // A few servers send the object itself where its text belongs.
        let text = arguments.kind == .string ? arguments.text ?? [] : arguments.raw
        guard !text.isEmpty else { return }
        try begin(number, output)
        output.arguments(text, call: UInt32(number))
    }

    /// No more comes: what waits for more of its name is told now.
    mutating func flush(_ output: Output) throws(Failure) {
        for number in calls.indices { try begin(number, output) }
    }

    /// The call that an entry belongs to; nil for a new one.
    private func find(_ index: Int?, _ id: ArraySlice<UInt8>, isNamed: Bool, _ position: Int) -> Int? {
        guard !calls.isEmpty else { return nil }
        if let index {
            guard let found = calls.lastIndex(where: { $0.index == index }) else { return nil }
            // The same number for several whole calls; only the ids tell them apart.
            let isOther = isNamed && !id.isEmpty && !calls[found].id.isEmpty && !id.elementsEqual(calls[found].id)
            return isOther ? calls.firstIndex { id.elementsEqual($0.id) } : found
        }
        if !id.isEmpty { return calls.lastIndex { id.elementsEqual($0.id) } }
        // Neither: a name after arguments, or a second entry in one chunk, is another call.
        let last = calls.count - 1
        return isNamed && (calls[last].hasBegun || position > 0) ? nil : last
    }

    private mutating func grow(_ number: Int, _ name: ArraySlice<UInt8>, _ output: Output) throws(Failure) {
        let known = calls[number].name
        if name.elementsEqual(known) { return }
        guard !calls[number].hasBegun else {
            return output.log(PBAY_LOG_WARNING, "the upstream renamed a call that had begun; the first name stands")
        }
        guard known.count + name.count <= Self.maxNameBytes else {
            throw .nonsense("The upstream's tool name is too long.")
        }
        calls[number].name = name.starts(with: known) ? Array(name) : known + name
    }

    /// Tells the host of a call, and before it of all that came earlier and have a name: their order is the upstream's.
    private mutating func begin(_ number: Int, _ output: Output) throws(Failure) {
        guard !calls[number].hasBegun else { return }
        calls[number].hasBegun = true
        for earlier in 0..<number where !calls[earlier].name.isEmpty { try begin(earlier, output) }
        let (id, name) = (calls[number].id, calls[number].name)
        guard !name.isEmpty else { throw .nonsense("The upstream calls a tool without a name.") }
        output.beginToolCall(
            UInt32(number), id: String(decoding: id, as: UTF8.self), name: String(decoding: name, as: UTF8.self))
    }
}
