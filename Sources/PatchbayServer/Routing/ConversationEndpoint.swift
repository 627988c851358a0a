import NIOHTTP1

/// What a path below `/v1/conversations` leads to.
enum ConversationEndpoint {
    /// Where conversations are begun.
    case all
    case one(String)
    case items(of: String)
    case item(String, of: String)

    /// What follows `/v1/conversations` in the path, its ids decoded; nil for anything else.
    init?(_ parts: [String]) {
        switch parts.count {
        case 0: self = .all
        case 1: self = .one(parts[0])
        case 2 where parts[1] == "items": self = .items(of: parts[0])
        case 3 where parts[1] == "items": self = .item(parts[2], of: parts[0])
        default: return nil
        }
    }

    var template: String {
        switch self {
        case .all: "/v1/conversations"
        case .one: "/v1/conversations/{id}"
        case .items: "/v1/conversations/{id}/items"
        case .item: "/v1/conversations/{id}/items/{item}"
        }
    }

    var allow: StaticString {
        switch self {
        case .all: "POST"
        case .one: "GET, HEAD, POST, DELETE"
        case .items: "GET, HEAD, POST"
        case .item: "GET, HEAD, DELETE"
        }
    }

    func allows(_ method: HTTPMethod) -> Bool {
        switch (self, method) {
        case (.all, .POST): true
        case (.one, .GET), (.one, .HEAD), (.one, .POST), (.one, .DELETE): true
        case (.items, .GET), (.items, .HEAD), (.items, .POST): true
        case (.item, .GET), (.item, .HEAD), (.item, .DELETE): true
        default: false
        }
    }

    func body(of method: HTTPMethod) -> BodyRule {
        guard method == .POST else { return .ignored }
        if case .all = self { return .optional }
        return .required
    }
}
