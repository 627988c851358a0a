/// The fields of a request that are carried and not decided by, each as JSON: `instructions`, `tools`, `temperature`,
/// and any that this version doesn't know. In the order in which they came; at most one of a name.
package struct RequestFields: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package var name: String
        package var json: [UInt8]

        package init(name: String, json: [UInt8]) {
            self.name = name
            self.json = json
        }
    }

    package private(set) var all: [Field]

    package init(_ all: [Field] = []) {
        self.all = all
    }

    package subscript(_ name: String) -> [UInt8]? {
        get { all.first { $0.name == name }?.json }
        set {
            let index = all.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let json?): all[index].json = json
            case (let index?, nil): all.remove(at: index)
            case (nil, let json?): all.append(Field(name: name, json: json))
            case (nil, nil): break
            }
        }
    }
}
