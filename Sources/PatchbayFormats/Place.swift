/// Where a value stands in a request's body, such as `input[3].content[0]`: names, each perhaps with a position.
/// Nothing is spelled out until a complaint needs it, since nearly all requests are well-formed.
struct Place {
    /// A name, and the position in it; -1: the whole.
    private typealias Step = (name: StaticString, index: Int)

    private var steps: (Step, Step, Step, Step) = (("", -1), ("", -1), ("", -1), ("", -1))
    /// Steps that are taken. Deeper places are named by the fourth.
    private var count = 0

    /// The body itself.
    static let body = Place()

    /// A member of the object here.
    func member(_ name: StaticString) -> Place {
        var place = self
        switch count {
        case 0: place.steps.0.name = name
        case 1: place.steps.1.name = name
        case 2: place.steps.2.name = name
        case 3: place.steps.3.name = name
        default: return self
        }
        place.count += 1
        return place
    }

    /// An element of the array here.
    func element(_ index: Int) -> Place {
        var place = self
        switch count {
        case 0: break
        case 1: place.steps.0.index = index
        case 2: place.steps.1.index = index
        case 3: place.steps.2.index = index
        default: place.steps.3.index = index
        }
        return place
    }

    /// The place in words; empty for the body.
    var path: String {
        let all = [steps.0, steps.1, steps.2, steps.3].prefix(count)
        return all.map { $0.index < 0 ? "\($0.name)" : "\($0.name)[\($0.index)]" }.joined(separator: ".")
    }
}
