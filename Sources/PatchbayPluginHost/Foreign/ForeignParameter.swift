/// An argument of a C function.
package struct ForeignParameter: Sendable, Hashable {
    package enum Role: Sendable, Hashable {
        /// Seen by the model, which gives it.
        case given
        /// Always this JSON value.
        case constant([UInt8])
        /// How long another argument or the result is: bytes, or an array's elements.
        case length(of: String)
        /// The same behind a pointer: before the call the room that there is, after it the length that was written.
        case writtenLength(of: String)
        /// The function writes it.
        case output(ForeignCapacity)
        /// The model gives it, and the function changes it.
        case updated
        /// A callback that compares elements of an array.
        case order(of: String, isDescending: Bool)
    }

    /// Of what the model gives, and of what it is told; empty where it is neither.
    package var name: String
    package var type: ForeignType
    package var role: Role
    package var description: String
    package var encoding: ForeignEncoding
    /// The most bytes of a string or of bytes, or the most elements of an array.
    package var limit: Int

    /// What `limit` is where the configuration says nothing, and the most that it can be.
    package static let defaultLimit = 1 << 20
    package static let greatestLimit = 64 << 20

    package init(
        _ name: String, _ type: ForeignType, _ role: Role = .given, description: String = "",
        encoding: ForeignEncoding = .text, limit: Int = ForeignParameter.defaultLimit
    ) {
        self.name = name
        self.type = type
        self.role = role
        self.description = description
        self.encoding = encoding
        self.limit = limit
    }

    /// Whether the model gives it.
    var isGiven: Bool { role == .given || role == .updated }

    /// Whether the model is told of it after the call.
    var isTold: Bool {
        switch role {
        case .output, .updated: true
        default: false
        }
    }
}

/// How much room a function has to write to: bytes, or an array's elements.
package struct ForeignCapacity: Sendable, Hashable {
    /// An argument whose value (of an integer) or length (of all else) counts `times`.
    package var argument: String?
    package var times: Int
    package var plus: Int

    package init(_ plus: Int, argument: String? = nil, times: Int = 1) {
        self.plus = plus
        self.argument = argument
        self.times = times
    }
}
