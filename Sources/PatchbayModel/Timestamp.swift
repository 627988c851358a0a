/// A moment in UTC, as people read it.
package struct Timestamp {
    private let milliseconds: Int64

    /// Unix milliseconds, not negative.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// `12:30:05.123`
    package var timeOfDay: String {
        let day = milliseconds % 86_400_000
        return Self.pad(day / 3_600_000, 2) + ":" + Self.pad(day / 60_000 % 60, 2) + ":" + Self.pad(day / 1000 % 60, 2)
            + "." + Self.pad(day % 1000, 3)
    }

    /// `2026-11-21T12:30:05.123Z`
    package var iso8601: String {
        // Days to a civil date, counted in eras of 400 years that begin on the first of March.
        let shifted = milliseconds / 86_400_000 + 719_468
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = shifted / 146_097 * 400 + yearOfEra + (month >= 10 ? 1 : 0)
        return Self.pad(year, 4) + "-" + Self.pad(month < 10 ? month + 3 : month - 9, 2) + "-" + Self.pad(day, 2) + "T"
            + timeOfDay + "Z"
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
