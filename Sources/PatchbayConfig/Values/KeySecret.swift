/// What a client's key is compared with. However it is printed or mirrored, the secret isn't in it.
package enum KeySecret: Sendable, Hashable {
    /// The key itself; hash it and let go of it.
    case plain(String)
    /// The 32 bytes of the key's SHA-256.
    case sha256([UInt8])
}

extension KeySecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
