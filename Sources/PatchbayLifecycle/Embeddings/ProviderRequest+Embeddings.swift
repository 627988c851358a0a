import PatchbayJSON
import PatchbayModel

extension ProviderRequest {
    /// A call for the vectors of some of a request's inputs.
    init(
        embedding inputs: ArraySlice<ArraySlice<UInt8>>, of request: EmbeddingRequest, route: Route, exchange: Exchange,
        timeout: Int?
    ) {
        var json = JSONWriter(capacity: 256 + inputs.reduce(0) { $0 + $1.count + 1 })
        json.object { json in
            json.member("model", route.upstreamModel)
            json.member("input") { json in json.array { json in for input in inputs { json.raw(input) } } }
            for field in request.fields.all {
                json.key(field.name)
                json.raw(field.json)
            }
            for field in route.defaults.all where request.fields[field.name] == nil && !Self.own.contains(field.name) {
                json.key(field.name)
                json.raw(field.json)
            }
            json.member("patchbay") { json in
                json.object { json in
                    json.member("request_id", exchange.id)
                    json.member("owner", Digest.hex(exchange.owner))
                    json.member("model", request.model)
                }
            }
        }
        self.init(body: json.bytes, model: route.upstreamModel, conversation: "", stream: false, timeout: timeout)
    }

    /// What no default of a model's configuration changes.
    private static let own: Set<String> = ["model", "input", "encoding_format", "stream", "patchbay"]
}
