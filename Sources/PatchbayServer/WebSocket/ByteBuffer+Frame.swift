import NIOCore

/// The frames that the server sends: unmasked, each a whole message.
extension ByteBuffer {
    /// A text frame's head and its payload.
    mutating func writeTextFrame(_ payload: ArraySlice<UInt8>) {
        switch payload.count {
        case ...125:
            writeMultipleIntegers(0x81 as UInt8, UInt8(payload.count))
        case ...0xFFFF:
            writeMultipleIntegers(0x81 as UInt8, 126 as UInt8, UInt16(payload.count))
        default:
            writeMultipleIntegers(0x81 as UInt8, 127 as UInt8, UInt64(payload.count))
        }
        writeBytes(payload)
    }

    mutating func writePing() {
        writeMultipleIntegers(0x89 as UInt8, 0 as UInt8)
    }

    /// `payload`: a ping's, at most 125 bytes.
    mutating func writePong(_ payload: ByteBuffer) {
        writeMultipleIntegers(0x8A as UInt8, UInt8(payload.readableBytes))
        writeImmutableBuffer(payload)
    }

    /// `reason`: at most 123 bytes.
    mutating func writeClose(_ code: UInt16, _ reason: StaticString) {
        writeMultipleIntegers(0x88 as UInt8, UInt8(2 + reason.utf8CodeUnitCount), code)
        writeStaticString(reason)
    }

    /// A close frame without a code.
    mutating func writeClose() {
        writeMultipleIntegers(0x88 as UInt8, 0 as UInt8)
    }
}
