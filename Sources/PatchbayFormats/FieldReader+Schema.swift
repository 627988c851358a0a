import PatchbayJSON
import PatchbayModel
import PatchbaySchema

extension FieldReader {
    /// Whether the object, a schema, keeps the rules of `strict: true`. `owner`: whose schema it is, in words.
    func checkStrict(_ owner: String, code: String) throws(GatewayError) {
        guard let problem = StrictSchema.problem(in: value) else { return }
        let path = place.path + problem.path
        throw .invalid("Invalid schema for \(owner): '\(path)' \(problem.message).", param: path, code: code)
    }
}
