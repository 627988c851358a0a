import PatchbayModel

/// Chat completions that are kept: responses under another id, which have a list of their own.
extension Gateway {
    private static let pageSize = 20

    /// A page of those that `owner` keeps. Throws `.invalidRequest` for a place that isn't among them.
    package func completions(_ query: CompletionQuery, owner: String) async throws(GatewayError) -> CompletionPage {
        var scan = CompletionScan(query)
        guard let store else {
            guard query.page.after == nil else { throw Self.unknownPlace }
            return try scan.page()
        }
        var last = query.page.order == .descending ? query.page.after : nil
        while !scan.isOver {
            let records: [StoredRecord]
            do throws(GatewayError) {
                records = try await store.list(.completion, owner: owner, after: last, limit: Self.pageSize)
            } catch  where error.kind == .notFound {
                guard last != query.page.after else { throw Self.unknownPlace }
                throw GatewayError(.conflict, "Chat completions were deleted while they were listed. List them again.")
            }
            for record in records { try scan.look(at: record) }
            guard records.count == Self.pageSize else { break }
            last = records.last?.id
        }
        guard scan.isAtPlace else { throw Self.unknownPlace }
        return try scan.page()
    }

    /// Puts other metadata in the place of the old. Throws `.notFound` for what isn't a completion of this owner's.
    package func updateCompletion(_ id: String, metadata: [UInt8], owner: String) async throws(GatewayError) -> Response
    {
        for _ in 0..<Conversations.attempts {
            guard Identifier.isResponse(id), live.find(id, owner: owner) == nil, let store,
                let record = try await store.get(id, owner: owner), record.kind == .completion
            else { break }
            var turn = try TurnRecord(decoding: record)
            guard turn.response.status == .completed || turn.response.status == .incomplete else { break }
            turn.response.fields["metadata"] = metadata
            var changed = record
            (changed.value, changed.blobs) = turn.encoded()
            do throws(GatewayError) {
                try await store.put(changed, if: .version(record.version), owner: owner, durable: policy.durable)
                return turn.response
            } catch  where error.kind == .conflict {
                continue
            }
        }
        throw Self.responseNotFound(id)
    }

    private static var unknownPlace: GatewayError {
        .invalid("'after' names no chat completion of this list.", param: "after")
    }
}
