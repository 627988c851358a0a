/// What the extractor has to know of a dialect: where markup begins, and who reads it.
struct MarkupDialect: Sendable {
    typealias Make = @Sendable (_ tools: MarkupTools) -> any MarkupReader

    /// A mark that begins markup.
    struct Opener: Sendable {
        let mark: MarkupMark
        let make: Make
    }

    /// They all begin with the same byte, as do the closers.
    var openers: [Opener] = []
    /// Marks that are swallowed after a call that has ended without them.
    var closers: [MarkupMark] = []
    /// Whether a closer may also come right behind a call that has ended as it should.
    var closesLate = false
    /// Bytes that begin markup where they begin the answer; read by `makeBare`, the byte included.
    var bareBeginnings: [UInt8] = []
    var makeBare: Make?

    /// The first byte of all marks; nil where there are none.
    var lead: UInt8? { openers.first?.mark.bytes.first }

    /// Nil for `.none`.
    init?(_ markup: ToolMarkup) {
        switch markup {
        case .none: return nil
        case .hermes: self = .hermes
        case .llama: self = .llama
        case .mistral: self = .mistral
        case .deepseek: self = .deepseek
        case .glm: self = .glm
        case .qwenXML: self = .qwenXML
        case .json: self = .json
        }
    }

    init(
        openers: [Opener] = [], closers: [MarkupMark] = [], closesLate: Bool = false, bareBeginnings: [UInt8] = [],
        makeBare: Make? = nil
    ) {
        self.openers = openers
        self.closers = closers
        self.closesLate = closesLate
        self.bareBeginnings = bareBeginnings
        self.makeBare = makeBare
    }
}
