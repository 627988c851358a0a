import PatchbayJSON
import PatchbayModel

/// Reads the JSON of a request's body, whatever its format.
struct RequestDocument: Sendable {
    private let limits: JSONLimits

    /// `maxDepth`: arrays and objects inside one another. The body's size is bounded before it gets here.
    init(maxDepth: Int) {
        var limits = JSONLimits.request
        limits.maxDepth = maxDepth
        limits.maxBytes = .max
        self.limits = limits
    }

    /// Throws `.invalidRequest` with code `invalid_json`.
    func parse(_ body: [UInt8]) throws(GatewayError) -> JSONDocument {
        do throws(JSONError) {
            return try JSONParser().parse(body, limits: limits)
        } catch {
            throw .invalid(error.message, param: nil, code: "invalid_json")
        }
    }
}
