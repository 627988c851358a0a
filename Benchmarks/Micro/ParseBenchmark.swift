import PatchbayFormats
import PatchbayJSON
import PatchbayModel

/// A chunk of a chat completion, and a request with a long conversation.
struct ParseBenchmark {
    private static let chunk =
        #"{"id":"chatcmpl-A1b2C3d4E5f6G7h8","object":"chat.completion.chunk","created":1763700000,"model":"benchmark-model-1","#
        + #""system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":" hello"},"finish_reason":null}]}"#

    func run(rounds: Int) {
        let chunk = Array(Self.chunk.utf8)
        let request = Self.request
        let parser = JSONParser()
        let format = ResponsesFormat()
        print("chunk_bytes", chunk.count)
        print("request_bytes", request.count)
        for _ in 0..<rounds {
            print("chunk_ns", nanoseconds(100_000) { (try? parser.parse(chunk))?.root["choices"]?.count ?? 0 })
            print("document_ns", nanoseconds(300) { (try? parser.parse(request))?.root["input"]?.count ?? 0 })
            print("request_ns", nanoseconds(300) { (try? format.request(from: request))?.input.count ?? 0 })
        }
    }

    /// The time of one call, nanoseconds.
    private func nanoseconds(_ count: Int, of work: () -> Int) -> Double {
        var sum = 0
        let start = CPUTime.now
        for _ in 0..<count { sum += work() }
        precondition(sum >= count, "nothing was read")
        return Double(CPUTime.now - start) / Double(count)
    }

    /// A conversation of 124 kB: messages of the user and the assistant, with escapes and characters beyond ASCII, and
    /// tools.
    static let request: [UInt8] = {
        let bytes = 124_000
        var json = JSONWriter(capacity: bytes + 1024)
        json.object { json in
            json.member("model", "benchmark-model-1")
            json.member("instructions", "Answer shortly.")
            json.key("tools")
            json.array { json in
                for index in 0..<8 {
                    json.raw(
                        Array(
                            #"{"type":"function","name":"tool_\#(index)","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}"#
                                .utf8))
                }
            }
            json.key("input")
            json.array { json in
                var index = 0
                while json.bytes.count < bytes - 600 {
                    let isUser = index.isMultiple(of: 2)
                    json.object { json in
                        json.member("type", "message")
                        json.member("role", isUser ? "user" : "assistant")
                        json.key("content")
                        json.array { json in
                            json.object { json in
                                json.member("type", isUser ? "input_text" : "output_text")
                                json.member(
                                    "text",
                                    String(repeating: "Zwölf \"quick\" foxes jump over line \(index).\n", count: 10))
                            }
                        }
                    }
                    index += 1
                }
            }
        }
        return json.bytes
    }()
}
