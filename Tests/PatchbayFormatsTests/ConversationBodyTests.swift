// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct ConversationBodyTests {
    private let format = ResponsesFormat()

    @Test(arguments: [
        (#"[]"#, nil, "invalid_json"),
        (#"{"items":"x"}"#, "items", "invalid_type"),
        (#"{"items":[1]}"#, "items[0]", "invalid_type"),
        (#"{"items":[{"role":"user","content":"x"},{"type":"strange"}]}"#, "items[1].type", "invalid_value"),
        (#"{"items":[{"role":"user","content":[{"type":"input_image"}]}]}"#, "items[0].content[0].image_url", "missing_required_parameter"),
        (#"{"items":[{"type":"item_reference","id":"msg_1"}]}"#, "items[0]", "invalid_value"),
        (#"{"items":[\#([String](repeating: #"{"role":"user","content":"x"}"#, count: 21).joined(separator: ","))]}"#, "items", "array_above_max_length"),
        (#"{"metadata":{"a":1}}"#, "metadata.a", "invalid_type"),
        (#"{"metadata":{"a":"\#(String(repeating: "x", count: 513))"}}"#, "metadata.a", "string_above_max_length"),
        (#"{"metadata":[]}"#, "metadata", "invalid_type"),
    ] as [(String, String?, String)])
    func `a conversation that is wrong is refused by its path`(body: String, param: String?, code: String) {
        let error = #expect(throws: GatewayError.self) { try format.newConversation(from: Array(body.utf8)) }
        #expect(error?.kind == .invalidRequest && error?.param == param && error?.code == code)
    }

    @Test(arguments: [
        (#"{}"#, "missing_required_parameter"), (#"{"items":null}"#, "missing_required_parameter"), (#"{"items":[]}"#, "empty_array"),
    ])
    func `items that are added can't be none`(body: String, code: String) {
        let error = #expect(throws: GatewayError.self) { try format.newItems(from: Array(body.utf8)) }
        #expect(error?.param == "items" && error?.code == code)
    }

    @Test func `everything may be left out when a conversation begins`() throws {
        for body in ["", "{}", #"{"items":null,"metadata":null}"#] {
            let new = try format.newConversation(from: Array(body.utf8))
            #expect(new.items.isEmpty && new.metadata == Array("{}".utf8))
        }
    }

    @Test func `metadata is kept without what its texts don't need, and must be said when it is changed`() throws {
        let body = #"{"metadata" : { "a" :   "\u00e9" } }"#
        #expect(try format.conversationMetadata(from: Array(body.utf8)) == Array(#"{"a":"é"}"#.utf8))
        #expect(try format.conversationMetadata(from: Array(#"{"metadata":null}"#.utf8)) == Array("{}".utf8))
        let error = #expect(throws: GatewayError.self) { try format.conversationMetadata(from: Array("{}".utf8)) }
        #expect(error?.param == "metadata" && error?.code == "missing_required_parameter")
    }

    @Test func `ids of the client's are known as such`() throws {
        let own = try format.newItems(from: Array(#"{"items":[{"role":"user","content":"x","id":"msg_own"}]}"#.utf8))
        #expect(own.givenIDs && own.items[0].id == "msg_own")
        let minted = try format.newItems(from: Array(#"{"items":[{"role":"user","content":"x"}]}"#.utf8))
        #expect(!minted.givenIDs && minted.items[0].id?.hasPrefix("msg_") == true)
    }

    @Test func `items that have a status by their type are shown with one, all others as they are`() throws {
        let body = #"{"items":[{"role":"user","content":"x"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}","status":"incomplete"},{"type":"reasoning","summary":[]},{"type":"vendor:thing","x":1}]}"#
        let items = try format.newItems(from: Array(body.utf8)).items
        let list = try JSONDocument.parse(format.conversationItems(items, hasMore: true)).root
        let shown = list["data"].map { $0.elements.map { $0["status"]?.string } }
        #expect(shown == ["completed", "incomplete", nil, nil])
        #expect(list["first_id"]?.string == items.first?.id && list["last_id"]?.string == items.last?.id)
        #expect(list["has_more"]?.bool == true)
    }

    @Test(arguments: [#""conv_1""#, #"{"id":"conv_1"}"#])
    func `a turn names its conversation by a string or an object, and needs no input`(conversation: String) throws {
        let request = try format.request(from: Array(#"{"model":"m","conversation":\#(conversation)}"#.utf8))
        #expect(request.conversationID == "conv_1" && request.input.isEmpty)
        let response = Response(id: "resp_1", createdAt: 1, status: .inProgress, request: request)
        let shown = try JSONDocument.parse(format.body(of: response)).root
        #expect(shown["conversation"]?["id"]?.string == "conv_1" && shown["previous_response_id"]?.isNull == true)
    }
}
