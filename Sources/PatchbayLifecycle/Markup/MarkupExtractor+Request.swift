import PatchbayModel

extension MarkupExtractor {
    /// The extractor for an answer to `request`; nil where its text is not searched: the model writes no markup, or
    /// may call nothing.
    convenience init?(for request: Request, on route: Route) {
        guard route.markup != .none else { return nil }
        let choice = request.fields["tool_choice"] ?? route.defaults["tool_choice"]
        guard choice.map({ !$0.elementsEqual(#""none""#.utf8) }) ?? true else { return nil }
        self.init(route.markup, tools: request.fields["tools"] ?? route.defaults["tools"])
    }
}
