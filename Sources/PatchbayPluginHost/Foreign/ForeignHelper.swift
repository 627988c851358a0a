import CLibFFI

/// A function of one argument that is called along with another: for a status's words, to free a result.
@safe struct ForeignHelper: @unchecked Sendable {
    private let address: UnsafeMutableRawPointer
    private let interface: ForeignInterface

    init(_ address: UnsafeMutableRawPointer, argument: ForeignType, result: ForeignType?) throws(ForeignError) {
        unsafe self.address = unsafe address
        interface = try ForeignInterface([argument], result: result)
    }

    /// What it returns, with the argument's bits given.
    @discardableResult
    func call(_ bits: UInt64) -> UInt64 {
        var argument = bits
        var result: UInt64 = 0
        unsafe withUnsafeMutablePointer(to: &argument) { place in
            var places: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(place)
            unsafe interface.call(address, result: &result, &places)
        }
        return result
    }
}
