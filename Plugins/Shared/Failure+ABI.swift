import CPatchbay

extension Failure {
    /// Writes this into an error that is the caller's.
    func fill(_ error: UnsafeMutablePointer<pbay_error>) {
        unsafe error.pointee.code = code
        unsafe error.pointee.flags = isRetryable ? UInt32(PBAY_ERROR_RETRYABLE) : 0
        unsafe error.pointee.upstream_status = status
        unsafe error.pointee.retry_after_ms = retryAfter
        unsafe withUnsafeMutableBytes(of: &error.pointee.param) { unsafe Self.copy(param, to: $0) }
        unsafe withUnsafeMutableBytes(of: &error.pointee.message) { unsafe Self.copy(message, to: $0) }
        unsafe withUnsafeMutableBytes(of: &error.pointee.detail) { unsafe Self.copy(detail, to: $0) }
    }

    /// As much as fits before the closing zero, cut between two characters.
    private static func copy(_ text: String, to room: UnsafeMutableRawBufferPointer) {
        var end = text.utf8.startIndex
        var count = 0
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            if count + width >= room.count { break }
            count += width
            end = text.utf8.index(end, offsetBy: width)
        }
        unsafe room.copyBytes(from: text.utf8[..<end])
        unsafe room[count] = 0
    }
}
