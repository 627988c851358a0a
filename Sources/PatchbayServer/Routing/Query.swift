import PatchbayModel

/// The parameters after a path's `?`, decoded.
struct Query {
    private var items: [(name: String, value: String)] = []

    /// No parameters.
    init() {}

    /// Throws `.invalidRequest` for what isn't percent-encoded UTF-8.
    init(_ text: Substring) throws(GatewayError) {
        for part in text.split(separator: "&", omittingEmptySubsequences: true) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(pair[0], plusIsSpace: true),
                let value = PercentEncoding.decode(pair.count == 2 ? pair[1] : "", plusIsSpace: true)
            else { throw .invalid("The URL's query isn't percent-encoded UTF-8.", param: nil, code: "invalid_url") }
            items.append((name, value))
        }
    }

    /// The parameter's value; nil where it isn't given. Throws `.invalidRequest` where it is given twice.
    func value(_ name: String) throws(GatewayError) -> String? {
        var found: String?
        for item in items where item.name == name {
            guard found == nil else { throw .invalid("The parameter '\(name)' is given more than once.", param: name) }
            found = item.value
        }
        return found
    }

    /// The members of a parameter that is a mapping: `name[key]=value`.
    func mapping(_ name: String) -> [(key: String, value: String)] {
        items.compactMap { item in
            guard item.name.hasPrefix(name + "["), item.name.hasSuffix("]") else { return nil }
            return (String(item.name.dropFirst(name.count + 1).dropLast()), item.value)
        }
    }

    /// The values of a parameter that is a list: `name=a&name=b`, or with brackets as some clients write it.
    func values(_ name: String) -> [String] {
        items.filter { $0.name == name || $0.name == name + "[]" }.map(\.value)
    }
}
