/// A type of an argument or a result.
package indirect enum ForeignType: Sendable, Hashable {
    case scalar(ForeignScalar)
    /// `char *`, ended by a zero.
    case string
    /// `void *` to so many bytes as another argument says.
    case bytes
    /// A pointer that is null as an argument, and of which a result shows only whether it is.
    case pointer
    /// A struct by value.
    case structure(ForeignStructure)
    /// A pointer to the first of several.
    case array(ForeignElement)
    /// A pointer to a function of the host's.
    case callback
}

/// What an array holds.
package enum ForeignElement: Sendable, Hashable {
    case scalar(ForeignScalar)
    /// `char *`
    case string

    /// Bytes.
    var width: Int {
        switch self {
        case .scalar(let scalar): scalar.width
        case .string: UInt.bitWidth / 8
        }
    }
}
