/// Mints the ids of many items at once: random bits that they share, and a number each. Asking the system for random
/// bits takes longer than reading an item does.
package struct IdentifierSeries {
    /// 128 of the bits, in hexadecimal.
    private var shared: [UInt8] = []
    private var number: UInt64 = 0

    package init() {}

    /// An id for an item of this kind, as `Identifier.item(for:)` has them.
    package mutating func next(for kind: Item.Kind) -> String {
        if shared.isEmpty {
            let random = RandomBits.words()
            shared = Identifier.digits(random.0) + Identifier.digits(random.1)
        }
        number += 1
        return Identifier.text(Identifier.prefix(of: kind), shared, number)
    }
}
