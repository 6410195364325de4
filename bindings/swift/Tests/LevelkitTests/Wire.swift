import Foundation
import Levelkit

/// What a case was refused with.
struct Refused: Error {
    let code: String
}

/// The label of an enum that the vectors name.
func label<E: CaseIterable & CustomStringConvertible>(_ json: Json) throws -> E {
    let text = try json.text
    guard let found = E.allCases.first(where: { $0.description == text }) else {
        throw Malformed(what: "no \(E.self) is called \(text)")
    }
    return found
}

/// An instant's text, or the code that the vectors expect for one that is none.
func instant(_ json: Json) throws -> Instant {
    do {
        return try Instant(json.text)
    } catch LevelkitError.invalidArgument {
        throw Refused(code: "INVALID_INSTANT")
    }
}

func day(_ json: Json) throws -> Day { try Day(json.text) }

/// A multiplier: a number, which means its shortest form, or its text.
func multiplier(_ json: Json) throws -> Multiplier {
    var text: String?
    switch json.kind {
    case .string(let given) where isMultiplier(given): text = given
    case .number: text = "\(try json.double)"
    default: break
    }
    guard let read = text.flatMap({ Decimal(string: $0) }) else { throw Refused(code: "INVALID_MULTIPLIER") }
    return read
}

/// Digits, and perhaps a point and one to six more.
private func isMultiplier(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let formed = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
    return formed && (parts.count == 1 || parts.count == 2 && parts[1].count <= 6)
}

func metrics(_ json: Json) throws -> Metrics {
    var metrics: Metrics = [:]
    for (name, value) in json.fields {
        switch value.kind {
        case .bool(let yes): metrics[name] = .boolean(yes)
        case .number: metrics[name] = .number(try value.double)
        default: throw Refused(code: "INVALID_METRIC")
        }
    }
    return metrics
}

/// A command as the vectors write one, as the binding takes one.
func command(_ json: Json) throws -> Command {
    func text(_ key: String) throws -> String { try json.need(key).text }
    switch try text("do") {
    case "report":
        return .report(
            day: try json["day"].map(day), observedAt: try json["observed_at"].map(instant),
            metrics: try metrics(json.need("metrics")), specials: try json["specials"]?.items.map { try $0.text } ?? [])
    case "advance": return .advance
    case "start_boss": return .startBoss(boss: try text("boss"))
    case "abandon_boss": return .abandonBoss
    case "enter_dungeon": return .enterDungeon(dungeon: try text("dungeon"))
    case "report_dungeon":
        return .reportDungeon(observedAt: try json["observed_at"].map(instant), metrics: try metrics(json.need("metrics")))
    case "forfeit_dungeon": return .forfeitDungeon
    case "equip_title": return .equipTitle(title: try json["title"]?.text)
    case "adjust_xp": return .adjustXp(id: try text("id"), amount: try json.need("amount").int64, reason: try text("reason"))
    case "set_timezone": return .setTimezone(timezone: try text("timezone"))
    case "join_season": return .joinSeason(season: try text("season"))
    case "grant_xp":
        let sources: [String: GrantSource] = [
            "STREAK_BONUS": .streakBonus, "SEASON_BONUS": .seasonBonus, "TITLE_BONUS": .titleBonus,
        ]
        guard let source = sources[try text("source")] else { throw Malformed(what: "unknown source") }
        return .grantXp(
            id: try text("id"), source: source, amount: try json.need("amount").int64, sourceId: try json["source_id"]?.text,
            reason: try text("reason"))
    case let verb: throw Malformed(what: "unknown command \(verb)")
    }
}

func step(_ json: Json) throws -> Step {
    Step(
        order: try json.need("order").int32, modifier: try label(json.need("type")),
        multiplier: try multiplier(json.need("multiplier")), reason: try json.need("reason").text,
        xpBefore: try json.need("xp_before").int32, xpAfter: try json.need("xp_after").int32)
}

/// An event as the vectors write one, as the binding takes one.
func event(_ json: Json) throws -> Event {
    func text(_ key: String) throws -> String { try json.need(key).text }
    func int(_ key: String) throws -> Int32 { try json.need(key).int32 }
    func on() throws -> Day { try day(json.need("day")) }
    switch try text("event") {
    case "DAY_OPENED": return .dayOpened(day: try on(), coreTotal: try int("core_total"))
    case "QUEST_COMPLETED": return .questCompleted(quest: try text("quest"), day: try on())
    case "QUEST_FAILED": return .questFailed(quest: try text("quest"), day: try on())
    case "QUEST_EXPIRED": return .questExpired(quest: try text("quest"), day: try on())
    case "PARTIAL_REWARD": return .partialReward(quest: try text("quest"), day: try on(), xp: try int("xp"))
    case "XP_AWARDED":
        return .xpAwarded(
            source: try label(json.need("source")), baseXp: try int("base_xp"), finalXp: try int("final_xp"),
            totalXpBefore: try json.need("total_xp_before").int64, totalXpAfter: try json.need("total_xp_after").int64,
            steps: try json.need("steps").items.map(step))
    case "LEVEL_UP": return .levelUp(levelBefore: try int("level_before"), levelAfter: try int("level_after"))
    case "LEVEL_DOWN": return .levelDown(levelBefore: try int("level_before"), levelAfter: try int("level_after"))
    case "STAT_RAISED": return .statRaised(stat: try label(json.need("stat")), value: try int("value"))
    case "DAY_CLOSED":
        return .dayClosed(
            day: try on(), coreCompleted: try int("core_completed"), coreTotal: try int("core_total"),
            missed: try int("missed"), allCompleted: try json.need("all_completed").yes,
            debuffTriggered: try json.need("debuff_triggered").yes)
    case "STREAK_EXTENDED": return .streakExtended(currentStreak: try int("current_streak"))
    case "STREAK_BROKEN": return .streakBroken(previousStreak: try int("previous_streak"))
    case "DEBUFF_STARTED": return .debuffStarted(until: try instant(json.need("until")))
    case "TITLE_EARNED": return .titleEarned(title: try text("title"))
    case "TITLE_REVOKED": return .titleRevoked(title: try text("title"))
    case "TITLE_EQUIPPED": return .titleEquipped(title: try json["title"]?.text)
    case "BOSS_STARTED": return .bossStarted(boss: try text("boss"), phase: try int("phase"))
    case "BOSS_PHASE_CLEARED": return .bossPhaseCleared(boss: try text("boss"), phase: try int("phase"))
    case "BOSS_PHASE_RESTARTED": return .bossPhaseRestarted(boss: try text("boss"), phase: try int("phase"))
    case "BOSS_VICTORY": return .bossVictory(boss: try text("boss"), phase: try int("phase"))
    case "BOSS_LOST": return .bossLost(boss: try text("boss"), phase: try int("phase"))
    case "BOSS_ABANDONED": return .bossAbandoned(boss: try text("boss"), phase: try int("phase"))
    case "DUNGEON_ENTERED": return .dungeonEntered(dungeon: try text("dungeon"))
    case "DUNGEON_CLEARED": return .dungeonCleared(dungeon: try text("dungeon"))
    case "DUNGEON_FAILED": return .dungeonFailed(dungeon: try text("dungeon"))
    case "DUNGEON_TIMED_OUT": return .dungeonTimedOut(dungeon: try text("dungeon"))
    case "SEASON_JOINED": return .seasonJoined(season: try text("season"))
    case let name: throw Malformed(what: "unknown event \(name)")
    }
}

/// What the binding gave, as the vectors write it.
indirect enum Wire: CustomStringConvertible {
    case object([String: Wire])
    case list([Wire])
    case scalar(String)
    case bool(Bool)
    case null

    init(_ value: Any) throws {
        switch value {
        case let yes as Bool: self = .bool(yes)
        case let event as Event:
            guard let (name, fields) = Mirror(reflecting: event).children.first.map({ ($0.label ?? "", $0.value) }) else {
                throw Malformed(what: "an event without fields")
            }
            var object = try Wire.fields(of: fields)
            object["event"] = .scalar(snake(name).uppercased())
            self = .object(object)
        case let step as Step:
            var object = try Wire.fields(of: step)
            object["type"] = object.removeValue(forKey: "modifier")
            self = .object(object)
        case let steps as [Step]: self = .list(try steps.map { try Wire($0) })
        case let events as [Event]: self = .list(try events.map { try Wire($0) })
        case let scalar as CustomStringConvertible where Mirror(reflecting: value).displayStyle != .optional:
            self = .scalar(scalar.description)
        default:
            let mirror = Mirror(reflecting: value)
            guard mirror.displayStyle == .optional else { throw Malformed(what: "no wire form of \(value)") }
            self = try mirror.children.first.map { try Wire($0.value) } ?? .null
        }
    }

    /// The fields of a struct, or of an enum case; a case of one field is a tuple with a label all the same.
    private static func fields(of value: Any) throws -> [String: Wire] {
        var fields: [String: Wire] = [:]
        for (label, value) in Mirror(reflecting: value).children { fields[snake(label ?? "")] = try Wire(value) }
        return fields
    }

    var description: String {
        switch self {
        case .object(let fields): "\(fields)"
        case .list(let items): "\(items)"
        case .scalar(let text): text
        case .bool(let yes): "\(yes)"
        case .null: "null"
        }
    }
}

private func snake(_ name: String) -> String {
    name.reduce(into: "") { snake, letter in snake += letter.isUppercase ? "_\(letter.lowercased())" : "\(letter)" }
}

/// Whether `found` has every field that `expected` pins; integers may be numbers or decimal strings. The difference, if any.
func difference(_ path: String, _ found: Wire, _ expected: Json) -> String? {
    switch (found, expected.kind) {
    case (.object(let found), .object(let fields)):
        for (key, pinned) in fields {
            if let differs = difference("\(path).\(key)", found[key] ?? .null, pinned) { return differs }
        }
        return nil
    case (.list(let found), .list(let items)) where found.count == items.count:
        for (index, (found, pinned)) in zip(found, items).enumerated() {
            if let differs = difference("\(path)[\(index)]", found, pinned) { return differs }
        }
        return nil
    case (.scalar(let found), .string(let text)) where found == text: return nil
    case (.scalar(let found), .number) where found == number(expected.raw): return nil
    case (.bool(let found), .bool(let yes)) where found == yes: return nil
    case (.null, .null): return nil
    default: return "\(path): expected \(expected.raw), got \(found)"
    }
}

private func number(_ raw: String) -> String {
    raw.contains(where: { ".eE".contains($0) }) ? Double(raw).map { "\($0)" } ?? raw : raw
}
