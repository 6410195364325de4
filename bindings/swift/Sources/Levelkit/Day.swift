/// A calendar date without a time, from year 1 to year 9999.
public struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public let number: Int64

    /// The date that many days after 1970-01-01. Calls refuse a date outside the years 1 to 9999.
    public init(number: Int64) {
        self.number = number
    }

    /// Reads a date like `2026-03-01`.
    public init(_ text: String) throws {
        self = try dayFromText(text: text)
    }

    /// The date that many days later. Held within what `number` can be.
    public func adding(days: Int64) -> Day {
        let (sum, overflow) = number.addingReportingOverflow(days)
        return Day(number: overflow ? (days < 0 ? .min : .max) : sum)
    }

    public static func < (one: Day, other: Day) -> Bool { one.number < other.number }
}

extension Day: CustomStringConvertible {
    public var description: String { (try? dayToText(day: self)) ?? "\(number) days after 1970" }
}
