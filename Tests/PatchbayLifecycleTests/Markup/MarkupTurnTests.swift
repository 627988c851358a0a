import Logging
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Turns of models that write their calls as text.
@Suite struct MarkupTurnTests {
    private static let text =
        "Let me see. <tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}</tool_call> Done."

    private static func gateway(
        _ provider: FakeProvider, _ markup: ToolMarkup?, defaults: RequestFields = RequestFields()
    )
        -> Gateway
    {
        Gateway(
            router: Router([Router.Entry(name: "m", provider: provider, defaults: defaults, markup: markup)]),
            store: nil,
            clock: StoppedClock(), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static func request(choice: String? = nil, tools: Bool = true) -> Request {
        var request = Request.user("q", store: false)
        if tools { request.fields["tools"] = MarkupExample.tools }
        if let choice { request.fields["tool_choice"] = Array(choice.utf8) }
        return request
    }

    private static func bodies(_ response: Response) -> [String] {
        response.output.map { item in
            let value = (try? JSONDocument.parse(item.body))?.root
            switch item.kind {
            case .functionCall:
                return
                    "\(value?["name"]?.string ?? "") \(value?["arguments"]?.string ?? "") \(value?["status"]?.string ?? "")"
            default: return value?["content"]?[0]?["text"]?.string ?? item.type
            }
        }
    }

    @Test func `calls in the text become items, streamed and not`() async throws {
        for pieces in [[Self.text], Self.text.scalars] {
            let gateway = Self.gateway(FakeProvider(pieces.map { .text($0) }), .hermes)
            let whole = try await gateway.turn(Self.request())
            #expect(Self.bodies(whole) == ["Let me see.", #"get_weather {"city": "Rome"} completed"#, "Done."])
            let stream = try await gateway.streamedTurn(Self.request(), slowly: true)
            try StreamRules.check(stream)
            #expect(stream.last?.response.map(Self.bodies) == Self.bodies(whole))
        }
    }

    @Test func `what is held back at the end comes out before the end`() async throws {
        let gateway = Self.gateway(FakeProvider([.text("a <tool_call>{")]), .hermes)
        let stream = try await gateway.streamedTurn(Self.request())
        try StreamRules.check(stream)
        #expect(stream.last?.response.map(Self.bodies) == ["a <tool_call>{"])
    }

    @Test func `a call that is cut in its arguments is incomplete, whatever the provider says of the end`() async throws
    {
        for outcome in [ProviderEnd.Outcome.stop, .length] {
            let text = #"<tool_call>{"name": "get_weather", "arguments": {"city": "Ro"#
            let gateway = Self.gateway(FakeProvider([.text(text)], outcome), .hermes)
            let stream = try await gateway.streamedTurn(Self.request())
            try StreamRules.check(stream)
            #expect(stream.last?.response.map(Self.bodies) == [#"get_weather {"city": "Ro incomplete"#])
        }
    }

    @Test func `text is left alone where no call can be meant`() async throws {
        let provider = FakeProvider([.text(Self.text)])
        let choice = RequestFields([RequestFields.Field(name: "tool_choice", json: Array(#""none""#.utf8))])
        for (gateway, request) in [
            (Self.gateway(provider, nil), Self.request()), (Self.gateway(provider, ToolMarkup.none), Self.request()),
            (Self.gateway(provider, .hermes), Self.request(tools: false)),
            (Self.gateway(provider, .hermes), Self.request(choice: #""none""#)),
            (Self.gateway(provider, .hermes, defaults: choice), Self.request()),
        ] {
            #expect(try await Self.bodies(gateway.turn(request)) == [Self.text])
        }
        // The request's word goes before the default.
        let gateway = Self.gateway(provider, .hermes, defaults: choice)
        #expect(try await gateway.turn(Self.request(choice: #""auto""#)).output.count == 3)
    }

    @Test func `without a word of the configuration the provider's counts`() async throws {
        let provider = FakeProvider([.text(Self.text)], markup: ["m": .hermes])
        #expect(try await Self.gateway(provider, nil).turn(Self.request()).output.count == 3)
        #expect(try await Self.gateway(provider, ToolMarkup.none).turn(Self.request()).output.count == 1)
    }

    @Test func `an answer past its bound is ended, also inside a call`() async throws {
        let pieces = [#"<tool_call>{"name": "f", "arguments": {"a": ""#] + Array(repeating: "0123456789", count: 50)
        let provider = FakeProvider(pieces.map { .text($0) }, hangs: true)
        let gateway = Gateway(
            router: Router([Router.Entry(name: "m", provider: provider, markup: .hermes)]), store: nil,
            policy: GatewayPolicy(maxAnswerBytes: 200), clock: StoppedClock(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(Self.request()) }
        #expect(error?.code == "answer_too_large")
    }
}
