/// The order in which chains were used: that of all, and that of each owner's. Both are lists through the chains.
extension MemoryStore {
    /// The two ends of a list of chains; -1 is no chain.
    struct UseOrder {
        var newest = -1
        var oldest = -1

        var isEmpty: Bool { newest < 0 }
    }

    /// The chain used just after one, and the one used just before.
    struct Neighbours {
        var newer = -1
        var older = -1
    }

    /// The chain becomes the newest.
    mutating func use(_ chain: Int) {
        guard scalars.order.newest != chain else { return }
        changeOrders(of: chain) { (store, order, list) in
            store.remove(chain, from: &order, list)
            store.append(chain, to: &order, list)
        }
    }

    /// A new chain is the newest.
    mutating func link(_ chain: Int) {
        changeOrders(of: chain) { (store, order, list) in store.append(chain, to: &order, list) }
    }

    mutating func unlink(_ chain: Int) {
        changeOrders(of: chain) { (store, order, list) in store.remove(chain, from: &order, list) }
    }

    /// The chain that was used just after this one, among all or among its owner's.
    func chain(after chain: Int, ofOwner: Bool) -> Int {
        ofOwner ? chains[chain].own.newer : chains[chain].all.newer
    }

    /// Does the same to the order of all chains and to that of the owner's.
    private mutating func changeOrders(
        of chain: Int, _ body: (inout MemoryStore, inout UseOrder, WritableKeyPath<Chain, Neighbours>) -> Void
    ) {
        let owner = chains[chain].owner
        var all = scalars.order
        var own = owners[owner]?.order ?? UseOrder()
        body(&self, &all, \.all)
        body(&self, &own, \.own)
        scalars.order = all
        changeOwner(owner) { $0.order = own }
    }

    private mutating func append(
        _ chain: Int, to order: inout UseOrder, _ list: WritableKeyPath<Chain, Neighbours>
    ) {
        let newest = order.newest
        changeChain(chain) { $0[keyPath: list] = Neighbours(older: newest) }
        if newest >= 0 {
            changeChain(newest) { $0[keyPath: list].newer = chain }
        } else {
            order.oldest = chain
        }
        order.newest = chain
    }

    private mutating func remove(
        _ chain: Int, from order: inout UseOrder, _ list: WritableKeyPath<Chain, Neighbours>
    ) {
        let (newer, older) = (chains[chain][keyPath: list].newer, chains[chain][keyPath: list].older)
        if newer >= 0 { changeChain(newer) { $0[keyPath: list].older = older } } else { order.newest = older }
        if older >= 0 { changeChain(older) { $0[keyPath: list].newer = newer } } else { order.oldest = newer }
    }
}
