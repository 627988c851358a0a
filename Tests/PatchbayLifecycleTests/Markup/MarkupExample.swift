import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What comes out of an extractor, texts and arguments joined.
enum Said: Equatable, CustomStringConvertible {
    case text(String)
    /// `isWhole`: its end was said.
    case call(String, String, isWhole: Bool = true)

    var description: String {
        switch self {
        case .text(let text): "text(\(text.debugDescription))"
        case .call(let name, let arguments, let isWhole): "\(name)(\(arguments))\(isWhole ? "" : "…")"
        }
    }
}

/// A model's text, and what is to come out of it.
struct MarkupExample: CustomTestStringConvertible, Sendable {
    var markup: ToolMarkup
    var title: String
    var text: String
    var said: [Said]

    init(_ markup: ToolMarkup, _ title: String, _ text: String, _ said: [Said]) {
        self.markup = markup
        self.title = title
        self.text = text
        self.said = said
    }

    var testDescription: String { "\(markup.rawValue): \(title)" }

    static let tools = Array(
        """
        [{"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {
            "city": {"type": "string"}, "days": {"type": "integer"}, "deep": {"type": "object"},
            "note": {"type": ["string", "null"]}, "unit": {"enum": ["C", "F"]}, "loud": {"type": "boolean"},
            "code": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}},
         {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {}}},
         {"type": "web_search"}]
        """.utf8)
}

/// Runs an extractor over pieces of text.
func extract(_ markup: ToolMarkup, _ pieces: some Sequence<String>, isWhole: Bool = true) throws -> [Said] {
    var events: [ProviderEvent] = []
    let extractor = try #require(MarkupExtractor(markup, tools: MarkupExample.tools))
    for piece in pieces { try extractor.receive(.text(piece)) { events.append($0) } }
    try extractor.finish(isWhole: isWhole) { events.append($0) }
    return try said(events)
}

/// Joins events. Throws where they make no sense: a call must begin before its arguments and end once, and no event
/// may be empty.
func said(_ events: [ProviderEvent]) throws -> [Said] {
    var said: [Said] = []
    var open: [Int: Int] = [:]
    for event in events {
        switch event {
        case .text(let text):
            try #require(!text.isEmpty)
            if case .text(let before)? = said.last {
                said[said.count - 1] = .text(before + text)
            } else {
                said.append(.text(text))
            }
        case .toolCall(let index, _, let name):
            try #require(open.updateValue(said.count, forKey: index) == nil && index > Int(UInt32.max))
            said.append(.call(name, "", isWhole: false))
        case .arguments(let index, let text):
            let place = try #require(open[index])
            guard case .call(let name, let before, false) = said[place] else { throw Nonsense() }
            try #require(!text.isEmpty)
            said[place] = .call(name, before + text, isWhole: false)
        case .toolCallEnd(let index):
            let place = try #require(open[index])
            guard case .call(let name, let arguments, false) = said[place] else { throw Nonsense() }
            said[place] = .call(name, arguments)
        default:
            throw Nonsense()
        }
    }
    return said
}

struct Nonsense: Error {}

extension String {
    /// Cut in two at every character of Unicode.
    var cuts: [[String]] {
        unicodeScalars.indices.map { [String(unicodeScalars[..<$0]), String(unicodeScalars[$0...])] }
    }

    /// One piece a character of Unicode.
    var scalars: [String] { unicodeScalars.map { String($0) } }

    /// Cut at random places.
    func pieces(using random: inout SeededGenerator) -> [String] {
        var pieces: [String] = [""]
        let rarity = Int.random(in: 2...12, using: &random)
        for scalar in unicodeScalars {
            if Int.random(in: 0..<rarity, using: &random) == 0 { pieces.append("") }
            pieces[pieces.count - 1].unicodeScalars.append(scalar)
        }
        return pieces
    }
}
