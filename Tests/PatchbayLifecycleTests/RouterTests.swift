import PatchbayLifecycle
import PatchbayModel
import Testing

@Suite struct RouterTests {
    private let router = Router([
        Router.Entry(name: "*", provider: FakeProvider([]), upstreamModel: "any"),
        Router.Entry(name: "mock*", provider: FakeProvider([])),
        Router.Entry(name: "mock-long*", provider: FakeProvider([]), upstreamModel: "long"),
        Router.Entry(name: "local/*", provider: FakeProvider([]), upstreamModel: "*"),
        Router.Entry(name: "exact", aliases: ["alias"], provider: FakeProvider([]), upstreamModel: "up"),
    ])

    @Test(arguments: [
        ("exact", "up"), ("alias", "up"), ("mock-x", "mock-x"), ("mock-longer", "long"), ("local/a/b", "a/b"),
        ("other", "any"),
    ])
    func `exact names first, then the longest pattern`(asked: String, upstream: String) throws {
        #expect(try router.route(asked).upstreamModel == upstream)
    }

    @Test func `an unknown model is a 404 by its name`() {
        let error = #expect(throws: GatewayError.self) { try Router([]).route("x") }
        #expect(error?.kind == .notFound && error?.code == "model_not_found" && error?.param == "model")
    }

    @Test func `patterns aren't listed`() {
        #expect(router.names == ["exact", "alias"])
    }
}
