/// What a C function returns.
package struct ForeignResult: Sendable, Hashable {
    /// Which statuses are successes.
    package enum Success: Sendable, Hashable {
        case values([Int64])
        /// Of pointers: not null.
        case nonzero
        case nonnegative
    }

    /// nil: nothing.
    package var type: ForeignType?
    /// What the model is told it as; empty: it isn't told.
    package var name: String
    /// It is a status: what isn't a success is a failure of the call.
    package var success: Success?
    /// A function of the same library that is given the status and returns words for it.
    package var errorText: String?
    /// The words of a status that is no success, in the place of those with the status's number.
    package var error: String?
    /// It is the length of what was written to this argument.
    package var lengthOf: String?
    /// A function that frees what was returned.
    package var release: String?
    package var encoding: ForeignEncoding
    /// The most bytes of a string or of bytes.
    package var limit: Int

    package init(
        _ type: ForeignType?, name: String = "result", success: Success? = nil, errorText: String? = nil,
        error: String? = nil, lengthOf: String? = nil, release: String? = nil, encoding: ForeignEncoding = .text,
        limit: Int = ForeignParameter.defaultLimit
    ) {
        self.type = type
        self.name = name
        self.success = success
        self.errorText = errorText
        self.error = error
        self.lengthOf = lengthOf
        self.release = release
        self.encoding = encoding
        self.limit = limit
    }

    /// Whether the model is told of it.
    var isTold: Bool { type != nil && type != .pointer && !name.isEmpty }
}
