import Foundation

/// A JSON value that remembers its text: vectors hand parts of themselves to the engine byte for byte.
struct Json {
    enum Kind {
        case object([(key: String, value: Json)])
        case list([Json])
        case string(String)
        case number
        case bool(Bool)
        case null
    }

    let kind: Kind
    private let bytes: ArraySlice<UInt8>

    fileprivate init(_ kind: Kind, _ bytes: ArraySlice<UInt8>) {
        self.kind = kind
        self.bytes = bytes
    }

    init(reading file: URL) throws { self = try Json(parsing: [UInt8](Data(contentsOf: file))) }

    init(parsing bytes: [UInt8]) throws {
        var reader = Reader(bytes: bytes)
        self = try reader.document()
    }

    /// The value as it was written.
    var raw: String { String(decoding: bytes, as: UTF8.self) }

    /// A field of an object; none if it is absent or null.
    subscript(key: String) -> Json? {
        guard case .object(let fields) = kind, let field = fields.last(where: { $0.key == key }) else { return nil }
        if case .null = field.value.kind { return nil }
        return field.value
    }

    /// A field that must be there.
    func need(_ key: String) throws -> Json {
        guard let value = self[key] else { throw Malformed(what: "no \(key)") }
        return value
    }

    var fields: [(key: String, value: Json)] {
        if case .object(let fields) = kind { return fields }
        return []
    }

    var items: [Json] {
        if case .list(let items) = kind { return items }
        return []
    }

    var text: String {
        get throws {
            guard case .string(let text) = kind else { throw Malformed(what: "\(raw) is not a text") }
            return text
        }
    }

    var yes: Bool {
        if case .bool(let yes) = kind { return yes }
        return false
    }

    /// What a text says, or what was written.
    var plain: String {
        if case .string(let text) = kind { return text }
        return raw
    }

    var double: Double { get throws { try number(Double(raw)) } }

    /// A 32-bit integer, or its decimal string.
    var int32: Int32 { get throws { try integer() } }

    /// A 64-bit integer, or its decimal string.
    var int64: Int64 { get throws { try integer() } }

    private func integer<N: FixedWidthInteger>() throws -> N {
        let text = plain
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        let signed = text.utf8.count - digits.count
        guard signed <= 1, !digits.isEmpty, digits.allSatisfy({ isDigit($0) }) else {
            throw Malformed(what: "\(raw) is no integer")
        }
        guard let read = N(text) else { throw Refused(code: "XP_OVERFLOW") }
        return read
    }

    private func number<N>(_ read: N?) throws -> N {
        guard let read else { throw Malformed(what: "\(raw) is not such a number") }
        return read
    }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

struct Malformed: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}

private struct Reader {
    let bytes: [UInt8]
    var at = 0

    mutating func document() throws -> Json {
        let read = try value()
        space()
        guard at == bytes.count else { throw Malformed(what: "text after the value") }
        return read
    }

    private mutating func value() throws -> Json {
        space()
        let start = at
        let kind: Json.Kind
        switch try peek() {
        case UInt8(ascii: "{"): kind = .object(try fields())
        case UInt8(ascii: "["): kind = .list(try list())
        case UInt8(ascii: "\""): kind = .string(try string())
        case UInt8(ascii: "t"): kind = try word("true", .bool(true))
        case UInt8(ascii: "f"): kind = try word("false", .bool(false))
        case UInt8(ascii: "n"): kind = try word("null", .null)
        default:
            while at < bytes.count, "+-.eE0123456789".utf8.contains(bytes[at]) { at += 1 }
            guard at > start else { throw Malformed(what: "unexpected text at \(at)") }
            kind = .number
        }
        return Json(kind, bytes[start..<at])
    }

    private mutating func fields() throws -> [(key: String, value: Json)] {
        var fields: [(key: String, value: Json)] = []
        try members(UInt8(ascii: "}")) { reader in
            let key = try reader.string()
            reader.space()
            try reader.expect(UInt8(ascii: ":"))
            fields.append((key, try reader.value()))
        }
        return fields
    }

    private mutating func list() throws -> [Json] {
        var items: [Json] = []
        try members(UInt8(ascii: "]")) { reader in items.append(try reader.value()) }
        return items
    }

    private mutating func members(_ end: UInt8, _ member: (inout Reader) throws -> Void) throws {
        at += 1
        space()
        if try peek() == end {
            at += 1
            return
        }
        while true {
            space()
            try member(&self)
            space()
            if try peek() == end { break }
            try expect(UInt8(ascii: ","))
        }
        at += 1
    }

    private mutating func string() throws -> String {
        try expect(UInt8(ascii: "\""))
        let start = at
        while try peek() != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        at += 1
        let written = bytes[start..<(at - 1)]
        if !written.contains(UInt8(ascii: "\\")) { return String(decoding: written, as: UTF8.self) }
        // Escapes are rare, and Foundation knows them all.
        let quoted = Data([UInt8(ascii: "\"")] + written + [UInt8(ascii: "\"")])
        let read = try JSONSerialization.jsonObject(with: quoted, options: .fragmentsAllowed)
        guard let text = read as? String else { throw Malformed(what: "not a text at \(start)") }
        return text
    }

    private mutating func word(_ word: String, _ kind: Json.Kind) throws -> Json.Kind {
        for byte in word.utf8 { try expect(byte) }
        return kind
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard try peek() == byte else { throw Malformed(what: "unexpected text at \(at)") }
        at += 1
    }

    private func peek() throws -> UInt8 {
        guard at < bytes.count else { throw Malformed(what: "the text ends too early") }
        return bytes[at]
    }

    private mutating func space() {
        while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
    }
}
