import Synchronization

/// A point's document, made when the first hook asks for it and the same for all that see it.
final class HookDocument: Sendable {
    private let make: @Sendable () -> [UInt8]
    private let made = Mutex<[UInt8]?>(nil)

    init(_ make: @escaping @Sendable () -> [UInt8]) {
        self.make = make
    }

    /// One JSON value.
    func bytes() -> [UInt8] {
        made.withLock { made in
            if let made { return made }
            let bytes = make()
            made = bytes
            return bytes
        }
    }
}
