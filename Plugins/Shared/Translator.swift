/// What a provider plugin for an HTTP upstream does itself: it reads its configuration, and turns a request into an
/// exchange whose decoder turns the reply into events. All else of such a plugin is in this folder, which is compiled
/// into each plugin's own module (no Swift module may be in two images); the module says which translator is its own by
/// `typealias Plugin = …`. One lives as long as its instance, and the strands of its calls share it.
protocol Translator: Sendable {
    /// The plugin's id, such as `patchbay.openai`, and a line about it.
    static var id: StaticString { get }
    static var summary: StaticString { get }
    /// Whether there are upstreams that make vectors.
    static var embeds: Bool { get }

    /// Reads what stands under `plugins[].config`. What is thrown names the key.
    init(_ config: JSONValue) throws(Failure)

    var upstream: Upstream { get }

    /// What is known of the upstream's models.
    var models: [ModelInfo] { get }

    /// The exchange for an answer. `notes` are warnings for the operator's log: what was left out of the request. What
    /// is thrown names the path in the request.
    func answer(_ request: JSONValue, isStream: Bool, notes: inout [String]) throws(Failure) -> Exchange

    /// Whether the upstream can count a request's tokens. Without it the host estimates.
    var countsTokens: Bool { get }

    /// The exchange for a count, whose decoder gives a usage with `input` alone.
    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange

    /// How many inputs one request for vectors may carry, 0 for any number; nil: the upstream makes none.
    var maxInputs: UInt32? { get }

    /// The exchange for the vectors of a request's inputs, usually with a `VectorDecoder`.
    func embed(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange

    /// The upstream's name of a field at fault in the client's words (a path in the hub's request); empty where there
    /// is none.
    func clientParam(_ param: String) -> String

    /// Reads out of an upstream's report of an error what only this upstream puts there.
    func refine(_ error: inout UpstreamError, _ value: JSONValue)
}

extension Translator {
    static var embeds: Bool { true }

    var models: [ModelInfo] { [] }

    /// Of another's server only what is true of all its models: a name there may be of anything.
    var toldModels: [ModelInfo] { upstream.isMakers ? models : models.filter { $0.name.isEmpty } }

    var countsTokens: Bool { false }

    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        throw .uncounted(status: 0)
    }

    var maxInputs: UInt32? { nil }

    func embed(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange { throw .vectorless(status: 0) }

    func clientParam(_ param: String) -> String { "" }

    func refine(_ error: inout UpstreamError, _ value: JSONValue) {}
}
