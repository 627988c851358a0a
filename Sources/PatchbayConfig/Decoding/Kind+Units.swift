extension Kind where Value == Duration {
    /// `500ms`, `30s`, `15m`, `12h`, `30d`: an integer and a unit.
    static func duration(from low: String, to high: String) -> Kind {
        let range = (Units.duration(low) ?? .zero)...(Units.duration(high) ?? .zero)
        return Kind.scalar("a duration such as 500ms, 30s, 15m, 12h or 30d, from \(low) to \(high)") { scalar in
            Units.duration(scalar.text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Kind where Value == Int {
    /// Bytes: `32MiB`, `10MB`, `1024`.
    static func size(from low: String, to high: String) -> Kind {
        let range = (Units.size(low) ?? 0)...(Units.size(high) ?? 0)
        return Kind.scalar("a size such as 32MiB, 10MB or 1024 (bytes), from \(low) to \(high)") { scalar in
            Units.size(scalar.text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}
