import PatchbayModel

extension Gateway {
    /// The turns that a request continues, if its connection remembers them.
    func history(before request: Request, to previous: String, in memory: SessionMemory?) throws(GatewayError)
        -> History?
    {
        let records: [StoredRecord]?
        do throws(GatewayError) {
            records = try memory?.turns(to: previous, policy: policy)
        } catch {
            throw tooLong
        }
        guard let records else { return nil }
        guard !request.store else {
            throw .invalid(
                "The response '\(previous)' isn't stored, so a response that is to be stored can't continue it. Send \"store\": false, "
                    + "or begin anew with the whole conversation as input.",
                param: "store", code: "previous_response_not_stored")
        }
        return History(records: records)
    }
}
