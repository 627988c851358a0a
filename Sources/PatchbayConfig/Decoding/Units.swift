/// Durations and sizes as people write them; nil is "not one", also where it would overflow.
enum Units {
    static func duration(_ text: String) -> Duration? {
        guard let (count, unit) = split(text) else { return nil }
        let milliseconds: Int
        switch unit {
        case "ms": milliseconds = 1
        case "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        return multiplied(count, milliseconds).map { .milliseconds($0) }
    }

    /// Bytes; `kB`, `MB`... are powers of 1000, `KiB`, `MiB`... of 1024.
    static func size(_ text: String) -> Int? {
        guard let (count, unit) = split(text) else { return nil }
        let bytes: Int
        switch unit {
        case "", "B": bytes = 1
        case "kB", "KB": bytes = 1000
        case "MB": bytes = 1_000_000
        case "GB": bytes = 1_000_000_000
        case "TB": bytes = 1_000_000_000_000
        case "KiB", "kiB": bytes = 1 << 10
        case "MiB": bytes = 1 << 20
        case "GiB": bytes = 1 << 30
        case "TiB": bytes = 1 << 40
        default: return nil
        }
        return multiplied(count, bytes)
    }

    private static func split(_ text: String) -> (count: Int, unit: Substring)? {
        let digits = text.prefix { ("0"..."9").contains($0) && $0.isASCII }
        guard let count = Int(digits) else { return nil }
        return (count, text.dropFirst(digits.count))
    }

    private static func multiplied(_ count: Int, _ factor: Int) -> Int? {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}
