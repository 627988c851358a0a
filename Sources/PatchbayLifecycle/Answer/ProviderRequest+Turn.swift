import PatchbayJSON
import PatchbayModel

extension ProviderRequest {
    /// The request as the provider is to see it: the history expanded, the model's upstream name, no id of ours but
    /// the request's.
    init(_ request: Request, prompt: Prompt, route: Route, exchange: Exchange, conversation: String, timeout: Int?) {
        var json = JSONWriter()
        json.beginObject()
        json.key("model")
        json.string(route.upstreamModel)
        json.key("input")
        json.beginArray()
        prompt.write(to: &json, for: route.provider.name)
        json.endArray()
        json.key("stream")
        json.bool(request.stream)
        json.key("store")
        json.bool(false)
        let own = prompt.instructions
        for field in request.fields.forProvider.all where field.name != "context_management" {
            if own != nil, field.name == "instructions" { continue }
            json.key(field.name)
            json.raw(field.json)
        }
        if let own { json.member("instructions", own) }
        for field in route.defaults.all where request.fields[field.name] == nil {
            if own != nil, field.name == "instructions" { continue }
            json.key(field.name)
            json.raw(field.json)
        }
        json.key("patchbay")
        json.beginObject()
        json.key("request_id")
        json.string(exchange.id)
        json.key("owner")
        json.string(exchange.ownerDigest)
        json.key("model")
        json.string(request.model)
        json.endObject()
        json.endObject()
        self.init(
            body: json.bytes, model: route.upstreamModel, conversation: conversation, stream: request.stream,
            timeout: timeout)
    }
}
