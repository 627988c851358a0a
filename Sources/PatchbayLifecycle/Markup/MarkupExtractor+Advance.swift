/// How the text is gone through.
extension MarkupExtractor {
    /// Whether `text` stands outside of all markup, and none begins in it: so it is with most of an answer, and costs
    /// one look at each byte.
    func hasNoMark(_ text: String) -> Bool {
        guard case .text = mode, input.isEmpty, !isAfterCall else { return false }
        guard let lead else { return true }
        return !Self.has(lead, in: text.utf8Span.span)
    }

    private static func has(_ byte: UInt8, in bytes: borrowing Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] == byte { return true }
        return false
    }

    /// What of a text without a mark is passed on by now: all but the white space at its end.
    func passOn(plain text: String) -> String? {
        let bytes = text.utf8Span.span
        var end = bytes.count
        if lead != nil {
            while end > 0, bytes.count - end < MarkupLimits.space, bytes[end - 1].isMarkupSpace { end -= 1 }
        }
        if end == bytes.count, blank.isEmpty { return text.isEmpty ? nil : text }
        if end == 0, blank.utf8.count + bytes.count <= MarkupLimits.space {
            blank += text
            return nil
        }
        if end == 0 {
            // More white space than is held back: what is first goes on.
            let all = blank + text
            let cut = all.utf8.index(all.utf8.endIndex, offsetBy: -MarkupLimits.space)
            blank = String(all[cut...])
            return String(all[..<cut])
        }
        let cut = text.utf8.index(text.utf8.startIndex, offsetBy: end)
        let plain = blank + text[..<cut]
        blank = String(text[cut...])
        return plain
    }

    /// The white space that is held back is looked at together with what follows.
    func resumeReading() {
        guard !blank.isEmpty else { return }
        input.append(blank)
        blank = ""
    }

    /// White space alone is held back: what follows may be plain again.
    func pauseReading() {
        guard case .text = mode, !isAfterCall, !input.isEmpty, input.bytes.allSatisfy(\.isMarkupSpace) else { return }
        input.position = input.bytes.count
        blank = input.giveBack()
        input.compact()
    }

    /// Does what can be done with what there is.
    func advance() {
        var goesOn = true
        while goesOn {
            switch mode {
            case .start: goesOn = advanceStart()
            case .text: goesOn = advanceText()
            case .inside: goesOn = advanceInside()
            }
        }
        input.compact()
    }

    private func advanceStart() -> Bool {
        input.skipSpace()
        guard let byte = input.next else {
            guard input.held > MarkupLimits.space else { return false }
            input.position = 0
            mode = .text
            return true
        }
        if input.held > 0, input.position <= MarkupLimits.space, dialect.bareBeginnings.contains(byte),
            let make = dialect.makeBare
        {
            enter(make)
        } else {
            input.position = 0
            mode = .text
        }
        return true
    }

    private func enter(_ make: MarkupDialect.Make) {
        mode = .inside
        reader = make(tools)
        countBefore = calls.count
        isAfterCall = false
        expectsCloser = false
    }

    private func advanceInside() -> Bool {
        guard let progress = reader?.read(&input, &calls) else { return false }
        switch progress {
        case .more where input.held <= MarkupLimits.held:
            return false
        case .done where calls.count > countBefore:
            input.settle()
            leave()
            isAfterCall = true
        case .more, .done, .malformed:
            reader?.close(&calls, isCut: false)
            if calls.isOpen { cut() }
            expectsCloser = calls.count > countBefore
            let rest = input.giveBack()
            calls.text(expectsCloser ? rest.withoutLeadingSpace : rest)
            isAfterCall = expectsCloser && rest.utf8.allSatisfy(\.isMarkupSpace)
            leave()
        }
        return true
    }

    private func leave() {
        mode = .text
        reader = nil
    }

    private func advanceText() -> Bool {
        if isAfterCall {
            input.skipSpace()
            input.settle()
            guard input.next != nil else { return false }
        }
        guard let lead else {
            passOn(upTo: input.bytes.count)
            return false
        }
        var place = input.settled
        while let found = input.find(lead, from: place) {
            switch mark(at: found) {
            case .opener(let opener):
                passOn(upTo: trimmedEnd(found))
                input.position = found + opener.mark.bytes.count
                enter(opener.make)
                return true
            case .closer(let closer):
                passOn(upTo: found)
                input.position = found + closer.bytes.count
                input.settle()
                expectsCloser = false
                return true
            case .part:
                passOn(upTo: trimmedEnd(found))
                return false
            case .none:
                place = found + 1
            }
        }
        passOn(upTo: trimmedEnd(input.bytes.count))
        return false
    }

    private enum Found {
        case opener(MarkupDialect.Opener)
        case closer(MarkupMark)
        /// There may be a mark, if more text comes.
        case part
        case none
    }

    private func mark(at place: Int) -> Found {
        var isPart = false
        for opener in dialect.openers {
            switch input.match(opener.mark, at: place) {
            case .whole: return .opener(opener)
            case .part: isPart = true
            case .none: break
            }
        }
        if expectsCloser || (dialect.closesLate && isAfterCall && place == input.settled) {
            for closer in dialect.closers {
                switch input.match(closer, at: place) {
                case .whole: return .closer(closer)
                case .part: isPart = true
                case .none: break
                }
            }
        }
        return isPart ? .part : .none
    }

    /// `end` without the white space before it, of which a call takes so much with it.
    private func trimmedEnd(_ end: Int) -> Int {
        var place = end
        while place > input.settled, end - place < MarkupLimits.space, input.bytes[place - 1].isMarkupSpace {
            place -= 1
        }
        return place
    }

    private func passOn(upTo end: Int) {
        guard end > input.settled else { return }
        input.position = end
        calls.text(input.giveBack())
        isAfterCall = false
    }
}
