/// One step of a YAML file as libyaml tells it, copied out of C: nothing in here points into the parser.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case alias(name: String)
        case scalar(text: String, isPlain: Bool)
        case sequenceStart
        case mappingStart
        case collectionEnd
        /// Start and end of the stream, end of the document: nothing to build from.
        case other
    }

    let kind: Kind
    /// `&name`, of a scalar, a sequence or a mapping.
    var anchor: String?
    /// An explicit tag such as `tag:yaml.org,2002:str`.
    var tag: String?
    /// From 1.
    let line: Int
    /// From 1.
    let column: Int
}
