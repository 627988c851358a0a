/// What a call that has begun can be told: of a provider's functions all, of a tool's those that it has.
@safe struct CallTable: Sendable {
    typealias Call = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
    typealias Cancel = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32) -> Void

    let resume: Call?
    let cancel: Cancel?
    let release: Call?
}
