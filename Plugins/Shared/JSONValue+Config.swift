/// Reading a configuration's values; what is thrown names the key.
extension JSONValue {
    func configText(_ path: String) throws(Failure) -> String {
        guard let string else { throw .invalid(path, "\(path) must be a string, not \(kind)") }
        return string
    }

    /// A string that may stand in a header: visible ASCII, spaces and UTF-8, no line ends.
    func configHeader(_ path: String) throws(Failure) -> String {
        let text = try configText(path)
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalid(path, "\(path) must not hold line ends or other control characters")
        }
        return text
    }

    /// A number of these.
    func configCount(_ path: String, of what: String, upTo most: Int) throws(Failure) -> Int {
        guard let int, (1...most).contains(int) else {
            throw .invalid(path, "\(path) must be a number of \(what) from 1 to \(most)")
        }
        return int
    }

    func configFlag(_ path: String) throws(Failure) -> Bool {
        guard let bool else { throw .invalid(path, "\(path) must be true or false") }
        return bool
    }

    /// One of an enumeration's words.
    func configChoice<Choice: RawRepresentable & CaseIterable>(_ path: String, _ type: Choice.Type) throws(Failure)
        -> Choice where Choice.RawValue == String
    {
        if let choice = Choice(rawValue: try configText(path)) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        let list = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        throw .invalid(path, "\(path) must be \(list)")
    }
}
