import Foundation

// What Swift expects of such types, and the generator does not write.

extension LevelkitError: CustomStringConvertible {}

extension MetricValue: ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
}

// An exact factor as text and back. Decimal holds every factor there is: at most 19 digits, six of them after the point.
extension Decimal {
    init(levelkit text: String) {
        self = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")) ?? .nan
    }

    var levelkitText: String { description }
}
