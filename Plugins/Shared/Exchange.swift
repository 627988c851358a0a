/// One request to the upstream, always a POST of JSON, and who reads its reply.
struct Exchange {
    let url: String
    let body: [UInt8]
    let decoder: any Decoder
    /// Whether the reply is a stream of events. A whole reply is taken all the same.
    var isStream = false
    /// Beside those of the instance.
    var headers: [(name: String, value: String)] = []
}
