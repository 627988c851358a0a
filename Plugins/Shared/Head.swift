import CPatchbay

/// What a reply says before its body.
struct Head {
    var status = 0
    var requestID = ""
    /// Milliseconds; 0 unknown.
    var retryAfter: Int64 = 0
    var isOK: Bool { (200..<300).contains(status) }
}

extension Head {
    /// Of the headers only those that matter here.
    init(status: Int32, _ headers: UnsafePointer<pbay_header>?, count: UInt64) {
        self.status = Int(status)
        guard let headers = unsafe headers else { return }
        for index in 0..<Int(count) {
            let header = unsafe headers[index]
            switch unsafe header.name.size {
            case 11 where unsafe header.isNamed("retry-after"):
                if retryAfter == 0 { retryAfter = unsafe Self.milliseconds(header.value, scale: 1000) }
            case 14 where unsafe header.isNamed("retry-after-ms"):
                retryAfter = unsafe Self.milliseconds(header.value, scale: 1)
            case 12 where unsafe header.isNamed("x-request-id"), 10 where unsafe header.isNamed("request-id"),
                15 where unsafe header.isNamed("apim-request-id"):
                requestID = unsafe String(decoding: header.value.bytes.prefix(200), as: UTF8.self)
            default: break
            }
        }
    }

    /// A plain number; a date or anything else is unknown. At most a day.
    private static func milliseconds(_ text: pbay_text, scale: Double) -> Int64 {
        guard let number = Double(unsafe String(decoding: text.bytes.prefix(32), as: UTF8.self)), number > 0 else {
            return 0
        }
        return Int64(min(number * scale, 86_400_000).rounded(.up))
    }
}

extension pbay_header {
    /// `name` is in small letters.
    fileprivate func isNamed(_ name: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            unsafe self.name.bytes.elementsEqual(name) { byte, letter in
                (0x41...0x5A).contains(byte) ? byte | 0x20 == letter : byte == letter
            }
        }
    }
}
