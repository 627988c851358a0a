/// Turns an upstream's reply into events. One lives as long as its call and is called on the call's strand.
protocol Decoder: AnyObject {
    /// One event of a stream. Throws what ends the call badly.
    func event(_ value: JSONValue, to output: Output) throws(Failure)
    /// A whole reply that was not streamed.
    func whole(_ value: JSONValue, to output: Output) throws(Failure)
    /// The stream's closing mark, `[DONE]`.
    func mark(to output: Output) throws(Failure)
    /// Set when the upstream has said that the answer is complete: one of `PBAY_FINISH_*`.
    var finish: Int32? { get }
    /// Whether nothing more is expected of the stream, so that the exchange's end need not be awaited for long.
    var isOver: Bool { get }
    var usage: Usage? { get }
}
