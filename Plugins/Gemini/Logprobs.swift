/// `logprobsResult` in the hub's form, which is OpenAI's.
enum Logprobs {
    static func entries(_ result: JSONValue) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        var tops = (result["topCandidates"] ?? result).elements.makeIterator()
        for chosen in (result["chosenCandidates"] ?? result).elements {
            let top = tops.next()
            json.beginObject()
            write(chosen, to: &json)
            json.key("top_logprobs")
            json.beginArray()
            for other in (top?["candidates"] ?? chosen).elements {
                json.object { write(other, to: &$0) }
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }

    /// A token that the upstream doesn't spell is one of no text.
    private static func write(_ candidate: JSONValue, to json: inout JSONWriter) {
        let token = candidate["token"]?.string ?? ""
        json.member("token", token)
        json.member("logprob", candidate["logProbability"]?.double ?? 0)
        json.key("bytes")
        json.array { json in
            for byte in token.utf8 { json.int(Int(byte)) }
        }
    }
}
