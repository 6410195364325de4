import Foundation

/// A moment, exact to the microsecond, from year 1 to year 9999.
///
/// `Date` is a floating-point number and cannot hold every microsecond, which the ledger's hashes cover; so this is a type of its
/// own, with `Date` both ways.
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// The moment that many microseconds after 1970. Calls refuse a moment outside the years 1 to 9999.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment of a date, to the microsecond.
    public init(_ date: Date) {
        let micros = (date.timeIntervalSince1970 * 1e6).rounded()
        // Held within Int64, where converting would trap; what is outside the years 1 to 9999 is refused by the call.
        microseconds = Int64(exactly: micros) ?? (micros < 0 ? .min : .max)
    }

    /// Reads an instant like `2026-03-01T09:00:00Z`.
    public init(_ text: String) throws {
        self = try instantFromText(text: text)
    }

    /// The present moment.
    public static var now: Instant { Instant(Date()) }

    /// The moment as a date.
    public var date: Date { Date(timeIntervalSince1970: Double(microseconds) / 1e6) }

    /// The moment that many seconds later.
    public func adding(seconds: Int64) -> Instant {
        let (micros, tooMany) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow) = microseconds.addingReportingOverflow(micros)
        return Instant(microseconds: tooMany || overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    public static func < (one: Instant, other: Instant) -> Bool { one.microseconds < other.microseconds }
}

extension Instant: CustomStringConvertible {
    /// UTC, with six digits after the second.
    public var description: String {
        (try? instantToText(instant: self)) ?? "\(microseconds) microseconds after 1970"
    }
}
