extension Int {
    /// A constant of the header's enums as the functions answer it: they come to Swift as `Int`.
    @inline(__always)
    var code: Int32 { Int32(truncatingIfNeeded: self) }
}
