/// YAML 1.2's core schema: `true`, `null`, `0x1F` and `1e3` are what they look like; `yes`, `no`, `on`, `off` are
/// strings.
extension YAMLScalar {
    enum CoreType: Equatable {
        case null
        case bool(Bool)
        /// An integer, as JSON writes it; nil: hexadecimal or octal past 64 bits.
        case integer(json: String?)
        /// A number with a fraction or an exponent, as JSON writes it; nil: infinite, not a number, or past a Double's
        /// range.
        case float(json: String?)
        case string
    }

    /// The type by the rules for values whose schema is somebody else's (a plugin's config).
    var coreType: CoreType {
        isPlain ? Self.coreType(of: text) : .string
    }

    static func coreType(of text: String) -> CoreType {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        let bytes = Array(text.utf8)
        if bytes.starts(with: Array("0x".utf8)) { return prefixed(bytes.dropFirst(2), radix: 16) }
        if bytes.starts(with: Array("0o".utf8)) { return prefixed(bytes.dropFirst(2), radix: 8) }
        return decimal(bytes)
    }

    private static func prefixed(_ digits: ArraySlice<UInt8>, radix: Int) -> CoreType {
        let all = digits.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "7"): true
            case UInt8(ascii: "8"), UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                radix == 16
            default: false
            }
        }
        guard all, !digits.isEmpty else { return .string }
        return .integer(json: UInt64(String(decoding: digits, as: UTF8.self), radix: radix).map { String($0) })
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, or infinity, or not a number.
    private static func decimal(_ bytes: [UInt8]) -> CoreType {
        var rest = bytes[...]
        var sign = ""
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            if first == UInt8(ascii: "-") { sign = "-" }
            rest = rest.dropFirst()
        }
        switch String(decoding: rest, as: UTF8.self) {
        case ".inf", ".Inf", ".INF": return .float(json: nil)
        case ".nan", ".NaN", ".NAN": return rest.count == bytes.count ? .float(json: nil) : .string
        default: break
        }
        let whole = takeDigits(&rest)
        var fraction: String?
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || !(fraction ?? "").isEmpty else { return .string }
        var exponent: String?
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            var exponentSign = ""
            if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
                exponentSign = first == UInt8(ascii: "-") ? "-" : ""
                rest = rest.dropFirst()
            }
            let digits = takeDigits(&rest)
            guard !digits.isEmpty else { return .string }
            exponent = exponentSign + digits
        }
        guard rest.isEmpty else { return .string }
        let shortened = whole.drop { $0 == "0" }
        let integer = sign + (shortened.isEmpty ? "0" : String(shortened))
        if fraction == nil && exponent == nil { return .integer(json: integer) }
        let digits = fraction.map { "." + ($0.isEmpty ? "0" : $0) } ?? ""
        let json = integer + digits + (exponent.map { "e" + $0 } ?? "")
        return .float(json: Double(json).flatMap { $0.isFinite ? json : nil })
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> String {
        let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        rest = rest.dropFirst(digits.count)
        return String(decoding: digits, as: UTF8.self)
    }
}
