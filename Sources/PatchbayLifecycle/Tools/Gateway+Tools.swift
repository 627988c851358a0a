import PatchbayJSON
import PatchbayModel

extension Gateway {
    /// The tools of the server for a turn of this request; nil where its model is offered none. Throws `.invalidRequest`
    /// for a `tool_choice` that names none of its tools.
    func tools(for request: Request, on route: Route) throws(GatewayError) -> TurnTools? {
        var tools: TurnTools?
        if let toolbox {
            tools = TurnTools(
                toolbox, for: request, on: route, maxRounds: policy.toolRounds, start: clock.milliseconds)
        }
        if let choice = request.fields["tool_choice"] {
            try ToolChoice(choice)?.check((tools?.request ?? request).fields, defaults: route.defaults)
        }
        return tools
    }
}
