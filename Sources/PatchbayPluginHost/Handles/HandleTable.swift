import Synchronization

/// The objects of one kind that plugins hold by number. A number holds a slot and the slot's generation, so that one
/// that has ended is never taken for its successor. Any thread may ask.
///
/// Layout of a number, from the top: 32 bits generation (from 1), 4 bits kind, 6 bits shard, 22 bits slot.
struct HandleTable<Value: AnyObject & Sendable>: ~Copyable, Sendable {
    struct Slot {
        var generation: UInt32
        var value: Value?
    }

    struct State {
        var slots: [Slot] = []
        var free: [Int] = []
    }

    private let state = Mutex(State())
    private let tag: UInt64
    private let capacity: Int

    /// - Parameter capacity: the objects at the same time; at most 2^22.
    init(kind: HandleKind, shard: Int, capacity: Int) {
        self.tag = UInt64(kind.rawValue) << 28 | UInt64(shard) << 22
        self.capacity = min(capacity, 1 << 22)
    }

    /// Makes an object that knows its number; nil when the table is full.
    func insert(_ make: (UInt64) -> Value) -> Value? {
        guard let (id, slot) = reserve() else { return nil }
        let value = make(id)
        state.withLock { $0.slots[slot].value = value }
        return value
    }

    /// The object, unless it has been removed or the number is none of this table's.
    @inline(__always)
    subscript(_ id: UInt64) -> Value? {
        let slot = Int(id & 0x3F_FFFF)
        return state.withLock { state in
            guard slot < state.slots.count, state.slots[slot].generation == UInt32(truncatingIfNeeded: id >> 32),
                id & 0xFFC0_0000 == tag
            else { return nil }
            return state.slots[slot].value
        }
    }

    /// A new number for the object in the same place, whose old one is nobody's from now on. Nil: there is no such
    /// object, or its place has no more numbers.
    func renew(_ id: UInt64) -> UInt64? {
        let slot = Int(id & 0x3F_FFFF)
        return state.withLock { state in
            guard slot < state.slots.count, state.slots[slot].generation == UInt32(truncatingIfNeeded: id >> 32),
                id & 0xFFC0_0000 == tag, state.slots[slot].value != nil, state.slots[slot].generation < .max
            else { return nil }
            state.slots[slot].generation += 1
            return UInt64(state.slots[slot].generation) << 32 | tag | UInt64(slot)
        }
    }

    /// Forgets the object: from now on its number is nobody's. Nil where it was so before.
    @discardableResult
    func remove(_ id: UInt64) -> Value? {
        let slot = Int(id & 0x3F_FFFF)
        return state.withLock { state in
            guard slot < state.slots.count, state.slots[slot].generation == UInt32(truncatingIfNeeded: id >> 32),
                id & 0xFFC0_0000 == tag, let value = state.slots[slot].value
            else { return nil }
            state.slots[slot].value = nil
            // A slot whose generations are used up is never used again.
            if state.slots[slot].generation < .max {
                state.slots[slot].generation += 1
                state.free.append(slot)
            } else {
                state.slots[slot].generation = 0
            }
            return value
        }
    }

    /// All that are in the table now.
    var all: [Value] { state.withLock { $0.slots.compactMap(\.value) } }

    private func reserve() -> (id: UInt64, slot: Int)? {
        state.withLock { state in
            let slot: Int
            if let free = state.free.popLast() {
                slot = free
            } else if state.slots.count < capacity {
                slot = state.slots.count
                state.slots.append(Slot(generation: 1, value: nil))
            } else {
                return nil
            }
            return (UInt64(state.slots[slot].generation) << 32 | tag | UInt64(slot), slot)
        }
    }
}
