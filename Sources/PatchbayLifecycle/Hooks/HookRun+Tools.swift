import PatchbayJSON
import PatchbayModel

/// What becomes of a tool's call.
enum HookedCall: Sendable, Hashable {
    /// It is made, with these arguments.
    case run(arguments: String)
    /// It isn't: the model is told this.
    case told(output: String)
}

/// The points of a tool that the host runs. Calls that are made at a time are visited one after another. The number of
/// the round is `round`, which who runs the tools counts.
extension HookRun {
    /// The model has called a tool; `item`: the function call.
    func toolCall(_ item: Item) async throws(GatewayError) -> HookedCall {
        await takeTurn()
        defer { giveTurn() }
        var item = item
        for seat in seats where seat.sees(.toolCall) {
            let visit = HookVisit(.toolCall, wasSent: wasSent, round: round) { [item] in item.json }
            switch try await verdict(of: seat, visit) {
            case .proceed: continue
            case .replace(let json):
                let root = (try? JSONDocument.parse(json))?.root
                if let output = root?["output"]?.string { return .told(output: output) }
                if let arguments = root?["arguments"]?.string {
                    item = item.replacing("arguments", with: arguments)
                } else {
                    try failed(seat, at: .toolCall, "its replacement has neither 'arguments' nor 'output' as text")
                }
            default: try failed(seat, at: .toolCall, Self.misplaced)
            }
        }
        return .run(arguments: (try? JSONDocument.parse(item.body))?.root["arguments"]?.string ?? "")
    }

    /// A tool has ended: what the model is told.
    func toolResult(callID: String, name: String, output: String, isError: Bool) async throws(GatewayError) -> String {
        await takeTurn()
        defer { giveTurn() }
        var output = output
        for seat in seats.reversed() where seat.sees(.toolResult) {
            let visit = HookVisit(.toolResult, wasSent: wasSent, round: round) { [output] in
                var json = JSONWriter(capacity: output.utf8.count + 128)
                json.object { json in
                    json.member("call_id", callID)
                    json.member("name", name)
                    json.member("output", output)
                    json.member("is_error", isError)
                }
                return json.bytes
            }
            switch try await verdict(of: seat, visit) {
            case .proceed: continue
            case .replace(let json):
                if let text = (try? JSONDocument.parse(json))?.root["output"]?.string {
                    output = text
                } else {
                    try failed(seat, at: .toolResult, "its replacement has no 'output' as text")
                }
            default: try failed(seat, at: .toolResult, Self.misplaced)
            }
        }
        return output
    }

    static let misplaced = "its verdict is none of this point"
}

extension Item {
    /// The item as one JSON object, its id first.
    var json: [UInt8] {
        var json = JSONWriter(capacity: body.count + 64)
        write(to: &json)
        return json.bytes
    }

    /// The item with a member of its object set to a text.
    fileprivate func replacing(_ key: String, with text: String) -> Item {
        guard let root = (try? JSONDocument.parse(body))?.root else { return self }
        var json = JSONWriter(capacity: body.count + text.utf8.count)
        json.object { json in
            for member in root.members where member.key != key {
                json.key(member.key)
                json.raw(member.value.raw)
            }
            json.key(key)
            json.string(text)
        }
        var item = self
        item.body = json.bytes
        return item
    }
}
