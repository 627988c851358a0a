import PatchbayJSON

/// What a text cites: Anthropic's citations are annotations of the hub. A result of a web search is a `url_citation`, as
/// everyone knows them, and any other `anthropic:` and its type; both keep all that Anthropic wants back.
enum MessagesCitation {
    static func writeAnnotation(of citation: JSONValue, length: Int, to json: inout JSONWriter) {
        let type = citation["type"]?.string ?? ""
        json.object { json in
            json.member("type", type == web ? "url_citation" : "anthropic:\(type)")
            writeMembers(of: citation, to: &json)
            json.member("start_index", 0)
            json.member("end_index", length)
        }
    }

    /// The citation that an annotation was made of; nil where it is another provider's.
    static func citation(of annotation: [UInt8]) -> [UInt8]? {
        let root = (try? JSONDocument.parse(annotation))?.root
        guard let root, let type = root["type"]?.string else { return nil }
        let isWeb = type == "url_citation" && root.has("encrypted_index")
        guard isWeb || type.hasPrefix("anthropic:") else { return nil }
        var json = JSONWriter()
        json.object { json in
            json.member("type", isWeb ? web : String(type.dropFirst("anthropic:".count)))
            writeMembers(of: root, to: &json)
        }
        return json.bytes
    }

    private static let web = "web_search_result_location"

    private static func writeMembers(of value: JSONValue, to json: inout JSONWriter) {
        for member in value.members {
            if ["type", "start_index", "end_index"].contains(member.key) { continue }
            json.raw(member.raw)
        }
    }
}
