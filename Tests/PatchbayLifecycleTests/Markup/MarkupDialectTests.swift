import Testing

@testable import PatchbayLifecycle

/// What each family of models writes, whole and in pieces.
@Suite struct MarkupDialectTests {
    @Test(arguments: MarkupExample.all)
    func `an example gives its texts and calls`(_ example: MarkupExample) throws {
        #expect(try extract(example.markup, [example.text]) == example.joined)
    }

    @Test(arguments: MarkupExample.all)
    func `cut in two at any place it gives the same`(_ example: MarkupExample) throws {
        for pieces in example.text.cuts {
            #expect(try extract(example.markup, pieces) == example.joined, "\(pieces)")
        }
    }

    @Test(arguments: MarkupExample.all)
    func `cut into characters and at random it gives the same`(_ example: MarkupExample) throws {
        #expect(try extract(example.markup, example.text.scalars) == example.joined)
        var random = SeededGenerator(seed: 22)
        for _ in 0..<50 {
            let pieces = example.text.pieces(using: &random)
            #expect(try extract(example.markup, pieces) == example.joined, "\(pieces)")
        }
    }

    @Test(arguments: MarkupExample.all)
    func `an answer that is cut off loses no word and makes no whole call of half a one`(_ example: MarkupExample)
        throws
    {
        let whole = example.said.compactMap { if case .call(_, let arguments, _) = $0 { arguments } else { nil } }
        for pieces in example.text.cuts {
            let said = try extract(example.markup, [pieces[0]], isWhole: false)
            for case .call(_, let arguments, true) in said {
                #expect(whole.contains(arguments), "\(pieces[0])")
            }
            guard !said.contains(where: { if case .call = $0 { true } else { false } }) else { continue }
            #expect(said == (pieces[0].isEmpty ? [] : [.text(pieces[0])]))
        }
    }
}

extension MarkupExample {
    /// Texts without a call between them are one.
    var joined: [Said] {
        said.reduce(into: []) { joined, next in
            if case .text(let text) = next, case .text(let before)? = joined.last {
                joined[joined.count - 1] = .text(before + text)
            } else {
                joined.append(next)
            }
        }
    }
}
