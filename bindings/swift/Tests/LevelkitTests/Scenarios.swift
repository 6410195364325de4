import Levelkit

/// What plays a scenario: the engine in memory, or a store.
protocol Target {
    init(ruleset: Ruleset, id: String, timezone: String?) async throws
    func execute(at: Instant, command: Command) async throws -> (events: [Event], head: String)
    /// The player, to look at.
    func state() async throws -> Player
}

struct Memory: Target {
    let engine: Engine
    let player: Player

    init(ruleset: Ruleset, id: String, timezone: String?) throws {
        engine = try Engine(ruleset: ruleset)
        player = try timezone.map { try Player(id: id, timezone: $0) } ?? Player(id: id)
    }

    func execute(at: Instant, command: Command) throws -> (events: [Event], head: String) {
        let before = try player.toJson()
        do {
            let decision = try engine.execute(player: player, at: at, command: command)
            return (decision.events, decision.head.hash)
        } catch {
            guard try player.toJson() == before else { throw Malformed(what: "a refusal changed something") }
            throw error
        }
    }

    func state() -> Player { player }
}

struct Stored: Target {
    let store: Store
    let id: String

    init(ruleset: Ruleset, id: String, timezone: String?) async throws {
        self.id = id
        store = try await Store.open(url: "sqlite::memory:")
        _ = try await store.migrate()
        _ = try await store.importRuleset(ruleset: ruleset, at: Instant("0001-01-01T00:00:00Z"))
        _ = try await store.createPlayer(player: NewPlayer(id: id, timezone: timezone))
    }

    func execute(at: Instant, command: Command) async throws -> (events: [Event], head: String) {
        let outcome = try await store.execute(player: id, at: at, command: command)
        return (outcome.events, outcome.head.hash)
    }

    func state() async throws -> Player {
        let verified = try await store.verify(id: id)
        if let failure = verified.verification.failure { throw Malformed(what: "\(failure)") }
        return try await store.state(id: id)
    }
}

/// Commands in, every event out, and the player at the end.
enum Scenarios<Played: Target> {
    static func run(_ tally: Tally) async throws {
        for file in Vectors.files("scenario") {
            let read = try Json(reading: file)
            let scenarios = if case .list(let several) = read.kind { several } else { [read] }
            for (index, scenario) in scenarios.enumerated() {
                await tally.count("\(Vectors.name(file))[\(index)]") { try await play(scenario) }
            }
        }
    }

    private static func play(_ scenario: Json) async throws -> String? {
        let player = try scenario.need("player")
        let target = try await Played(
            ruleset: Ruleset.fromJson(text: scenario.need("ruleset").raw), id: player.need("id").text,
            timezone: player["timezone"]?.text)
        var head: String?
        for (number, step) in try scenario.need("steps").items.enumerated() {
            let place = "step \(number) at \(try step.need("at").text)"
            do {
                let done = try await target.execute(at: instant(step.need("at")), command: command(step))
                head = done.head
                if let wrong = try check(step, done.events) { return "\(place): \(wrong)" }
            } catch {
                let (code, expected) = (try Vectors.code(of: error), try step["refuse"]?.text)
                if code != expected { return "\(place): expected \(expected ?? "events"), got \(code)" }
            }
        }
        let atEnd = try atEnd(Json(parsing: Array(await target.state().toJson().utf8)))
        if let head, case .scalar(let found)? = atEnd["ledger_head"], found != head {
            return "the last answer's head is \(head), the player's \(found)"
        }
        return scenario["final"].flatMap { difference("final", .object(atEnd), $0) }
    }

    private static func check(_ step: Json, _ events: [Event]) throws -> String? {
        if let code = try step["refuse"]?.text { return "expected \(code), but it was accepted" }
        guard let expected = step["expect"] else { return nil }
        if expected.items.count != events.count { return "expected \(expected.items.count) events, got \(events)" }
        return difference("events", try Wire(events), expected)
    }

    /// The player as the rules' section 14 shows it.
    private static func atEnd(_ player: Json) throws -> [String: Wire] {
        let state = try player.need("state")
        func plain(_ json: Json?) -> Wire { json.map { .scalar($0.plain) } ?? .null }
        var atEnd: [String: Wire] = [
            "id": plain(player["id"]), "debuff_active_until": plain(state["debuff_active_until"]),
            "timezone": plain(state["zone"]), "active_title_id": plain(state["active_title"]),
            "ledger_head": plain(try state.need("ledger")["hash"]),
        ]
        for key in ["level", "total_xp", "current_streak", "longest_streak", "perfect_streak"] { atEnd[key] = plain(state[key]) }
        for key in ["str", "agi", "vit", "disc"] { atEnd[key] = plain(try state.need("stats")[key]) }
        let held = try state.need("titles").items.filter { $0["revoked_at"] == nil }
        atEnd["titles"] = .list(held.map { plain($0["title"]) })
        var seasons: [String: Wire] = [:]
        for joined in try state.need("seasons").items { seasons[try joined.need("season").text] = plain(joined["season_xp"]) }
        atEnd["season_xp"] = .object(seasons)
        return atEnd
    }
}
