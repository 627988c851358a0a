import PatchbayJSON

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Any value, at most `depth` containers deep.
    mutating func value(depth: Int) -> JSONModel {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &self) {
        case 0: .null
        case 1: .bool(Bool.random(using: &self))
        case 2: .int(Int.random(in: -1000...1000, using: &self))
        case 3: .int(Int(truncatingIfNeeded: next()))
        case 4: .uint64(UInt64.random(in: (1 << 63)...UInt64.max, using: &self))
        case 5: .double(double())
        case 6: .string(string())
        case 7: .array((0..<length()).map { _ in value(depth: depth - 1) })
        default:
            // The position in front makes keys unlike one another.
            .object((0..<length()).map { JSONModel.Member(key: "\($0)" + string(), value: value(depth: depth - 1)) })
        }
    }

    mutating func string() -> String {
        var text = ""
        for _ in 0..<length() {
            switch Int.random(in: 0..<8, using: &self) {
            case 0: text.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0..<0x20, using: &self)))
            case 1: text += ["\"", "\\", "/", "\u{7F}", "\u{2028}", "\u{FFFF}"].randomElement(using: &self) ?? ""
            case 2: text.unicodeScalars.append(scalar())
            default: text.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0x20..<0x7F, using: &self)))
            }
        }
        return text
    }

    private mutating func scalar() -> Unicode.Scalar {
        Unicode.Scalar(UInt32.random(in: 0x80...0x10FFFF, using: &self)) ?? "\u{FFFD}"
    }

    private mutating func double() -> Double {
        let any = Double(bitPattern: next())
        return any.isFinite ? any : 0.1
    }

    /// Mostly short, now and then around the sizes at which fast paths change over.
    private mutating func length() -> Int {
        Int.random(in: 0..<10, using: &self) == 0
            ? Int.random(in: 0...40, using: &self) : Int.random(in: 0...6, using: &self)
    }
}
