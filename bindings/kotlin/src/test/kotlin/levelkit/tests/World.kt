package levelkit.tests

import java.time.Instant
import levelkit.Ruleset
import levelkit.api.Command
import levelkit.metric

/** A small game that the tests of behaviour play. */
object World {
    val ruleset: Ruleset get() = Ruleset.fromJson(TEXT)

    val start: Instant = Instant.parse("2026-03-02T08:00:00Z")

    /** An instant on the n-th day of the game, from 0. */
    fun day(n: Long): Instant = start.plusSeconds(n * 86_400)

    fun walked(steps: Int) = Command.Report(metrics = mapOf("steps" to steps.metric))

    private const val TEXT = """{
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
    }"""
}
