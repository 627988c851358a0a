import Logging
import PatchbayModel
import Synchronization

/// Seals and opens compaction items with the deployment's key: the configured one; else one that is minted once and
/// kept in the store, so that every replica over it and every later start has the same; else, without a store, one
/// that ends with the process.
final class CompactionVault: Sendable {
    private let configured: CompactionKey?
    private let store: (any HistoryStore)?
    private let clock: any Clock
    private let logger: Logger
    /// The key as it was last seen; without a store, the process's.
    private let known = Mutex<Minted?>(nil)

    private struct Minted {
        var secret: [UInt8]
        var key: CompactionKey
    }

    static let recordID = "patchbay_compaction_key_1"

    init(key: CompactionKey?, store: (any HistoryStore)?, clock: any Clock, logger: Logger) {
        configured = key
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// The summary as an item. Throws `.storage` and the like where the key can't be kept: nothing is sealed with a
    /// key that would be lost.
    func seal(_ summary: String, owner: String) async throws(GatewayError) -> Item {
        let key = try await keyForSealing()
        do {
            return CompactionItem.make(sealed: try key.seal(CompactionItem.plain(summary: summary), owner: owner))
        } catch {
            throw GatewayError(.internal, "The conversation could not be compacted.", detail: "sealing: \(error)")
        }
    }

    /// The summary of a sealed text. `param`: where the text stands in the request.
    func open(_ sealed: String, owner: String, param: String) async throws(GatewayError) -> String {
        guard let key = try await keyForOpening(sealed) else { throw Self.refusal(.otherKey, param: param) }
        let plain: [UInt8]
        do throws(CompactionKey.Refusal) {
            plain = try key.open(sealed, owner: owner)
        } catch {
            throw Self.refusal(error, param: param)
        }
        guard let summary = CompactionItem.summary(inPlain: plain) else {
            throw .invalid(
                "The compaction item at '\(param)' was made by a newer version of this server.", param: param,
                code: "invalid_compaction_item")
        }
        return summary
    }
}

// MARK: - The key

extension CompactionVault {
    /// The key that the store has, which is looked at each time: a store may give up what it holds when it is full,
    /// and a replica may have been faster. What was known is put back.
    private func keyForSealing() async throws(GatewayError) -> CompactionKey {
        if let configured { return configured }
        guard let store else { return keyOfProcess() }
        for _ in 0..<2 {
            if let key = try await load(from: store) { return key }
            let secret = known.withLock { $0?.secret } ?? Self.mint()
            do throws(GatewayError) {
                try await store.put(
                    StoredRecord(
                        id: Self.recordID, kind: .setting, parent: nil, root: Self.recordID,
                        created: clock.milliseconds, expires: nil,
                        value: secret), owner: Replicas.owner, durable: true)
                return remember(secret)
            } catch  where error.kind == .conflict {
                // Another replica was faster: its key is the one.
            }
        }
        throw GatewayError(
            .storage, "The conversation could not be compacted.", detail: "the compaction key can't be read or kept")
    }

    /// Nil: there is no key yet, so nothing was sealed with it.
    private func keyForOpening(_ sealed: String) async throws(GatewayError) -> CompactionKey? {
        if let configured { return configured }
        let last = known.withLock { $0?.key }
        if let last, last.made(sealed) { return last }
        guard let store else { return last }
        return try await load(from: store) ?? last
    }

    private func load(from store: any HistoryStore) async throws(GatewayError) -> CompactionKey? {
        guard let record = try await store.get(Self.recordID, owner: Replicas.owner) else { return nil }
        return remember(record.value)
    }

    private func remember(_ secret: [UInt8]) -> CompactionKey {
        known.withLock { known in
            if let known, known.secret == secret { return known.key }
            let key = CompactionKey(secret: secret)
            known = Minted(secret: secret, key: key)
            return key
        }
    }

    private func keyOfProcess() -> CompactionKey {
        known.withLock { known in
            if let known { return known.key }
            let secret = Self.mint()
            let minted = Minted(secret: secret, key: CompactionKey(secret: secret))
            known = minted
            logger.warning(
                "compaction items are encrypted with a key that ends with this process: there is neither compaction.key nor a store"
            )
            return minted.key
        }
    }

    /// 32 random bytes.
    private static func mint() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    private static func refusal(_ refusal: CompactionKey.Refusal, param: String) -> GatewayError {
        switch refusal {
        case .otherKey:
            .invalid(
                "The compaction item at '\(param)' was made with another key than this server has: the key was changed, or the item is of another deployment. Compact the conversation anew.",
                param: param, code: "compaction_key_mismatch")
        case .damaged:
            .invalid(
                "The compaction item at '\(param)' can't be read: it was changed, or it was made for somebody else.",
                param: param, code: "invalid_compaction_item")
        }
    }
}
