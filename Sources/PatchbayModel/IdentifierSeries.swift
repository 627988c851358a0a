/// Mints the ids of many items at once: random bits that they share, and a number each. Asking the system for random
/// bits takes longer than reading an item does.
package struct IdentifierSeries {
    private var random: RandomBits.Words?
    private var number: UInt64 = 0

    package init() {}

    /// An id for an item of this kind, as `Identifier.item(for:)` has them.
    package mutating func next(for kind: Item.Kind) -> String {
        let random = self.random ?? RandomBits.words()
        self.random = random
        number += 1
        return Identifier.text(Identifier.prefix(of: kind), random.0, random.1, number)
    }
}
