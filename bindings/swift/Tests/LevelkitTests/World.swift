import Levelkit

/// A small game that the tests of behaviour play.
enum World {
    static func ruleset() throws -> Ruleset { try Ruleset.fromJson(text: text) }

    /// 2026-03-02T08:00:00Z, a Monday.
    static let start = Instant(microseconds: 1_772_438_400_000_000)

    /// An instant on the n-th day of the game, from 0.
    static func day(_ n: Int64) -> Instant { start.adding(seconds: n * 86_400) }

    static func walked(_ steps: Int) -> Command { .report(metrics: ["steps": .number(Double(steps))]) }

    static func store() async throws -> Store {
        let store = try await Store.open(url: "sqlite::memory:")
        _ = try await store.migrate()
        _ = try await store.importRuleset(ruleset: ruleset(), at: start)
        _ = try await store.createPlayer(player: NewPlayer(id: "ida"))
        return store
    }

    private static let text = """
        {
            "format": "levelkit.ruleset/1",
            "quests": [{
                "id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT",
                "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000},
                "base_xp": 100, "is_core": true
            }],
            "dungeons": [{
                "id": "mine", "name": "Mine", "description": "Dark.", "difficulty": "E_RANK", "requirements": {},
                "duration_minutes": 60,
                "challenges": [{
                    "name": "Run", "requirement": {"type": "numeric", "metric": "run_km", "op": ">=", "value": 1}
                }]
            }],
            "seasons": [{
                "id": "spring", "name": "Spring", "theme": "green", "description": "Green.", "number": 1,
                "start_date": "2026-03-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"
            }]
        }
        """
}

/// The error that a call throws, as levelkit's own.
func failure(_ call: () async throws -> Any?) async -> LevelkitError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? LevelkitError
    }
}
