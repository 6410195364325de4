package levelkit.tests

import java.time.Instant
import kotlinx.coroutines.runBlocking
import levelkit.Engine
import levelkit.Player
import levelkit.Ruleset
import levelkit.Store
import levelkit.api.Command
import levelkit.api.Event
import levelkit.instantFromText
import levelkit.storage.NewPlayer

/** What plays a scenario: the engine in memory, or a store. */
interface Target : AutoCloseable {
    fun execute(at: Instant, command: Command): Pair<List<Event>, String>

    /** The player, to look at. */
    fun state(): Player

    override fun close() {}
}

class Memory(ruleset: Ruleset, id: String, timezone: String?) : Target {
    private val engine = Engine(ruleset)
    private val player = if (timezone == null) Player(id) else Player(id, timezone)

    override fun execute(at: Instant, command: Command): Pair<List<Event>, String> {
        val before = player.toJson()
        try {
            return engine.execute(player, at, command).let { it.events to it.head.hash }
        } catch (refused: Exception) {
            check(player.toJson() == before) { "a refusal changed something" }
            throw refused
        }
    }

    override fun state() = player
}

class Stored(ruleset: Ruleset, private val id: String, timezone: String?) : Target {
    private val store = runBlocking {
        Store.open("sqlite::memory:").apply {
            migrate()
            importRuleset(ruleset, instantFromText("0001-01-01T00:00:00Z"))
            createPlayer(NewPlayer(id, timezone = timezone))
        }
    }

    override fun execute(at: Instant, command: Command): Pair<List<Event>, String> =
        runBlocking { store.execute(id, at, command).let { it.events to it.head.hash } }

    override fun state(): Player = runBlocking {
        val verified = store.verify(id)
        check(verified.verification.failure == null) { "$verified" }
        store.state(id)
    }

    override fun close() = store.close()
}

/** Commands in, every event out, and the player at the end. */
class Scenarios(private val begin: (Ruleset, String, String?) -> Target) {
    fun run(tally: Tally) {
        for (file in Vectors.files("scenario")) {
            val read = Json.read(file.readText())
            val scenarios = if (read is Json.Arr) read.items else listOf(read)
            scenarios.forEachIndexed { index, scenario ->
                tally.count("scenario/${file.nameWithoutExtension}[$index]") { play(scenario) }
            }
        }
    }

    private fun play(scenario: Json): String? {
        val player = scenario["player"]!!
        val ruleset = Ruleset.fromJson(scenario["ruleset"]!!.raw)
        begin(ruleset, player["id"]!!.text, player["timezone"]?.text).use { target ->
            var head: String? = null
            scenario["steps"]!!.items.forEachIndexed { number, step ->
                val events = try {
                    target.execute(instant(step["at"]!!), command(step)).also { head = it.second }.first
                } catch (refused: Exception) {
                    val (code, expected) = Vectors.codeOf(refused) to step["refuse"]?.text
                    if (code == expected) return@forEachIndexed
                    return "step $number at ${step["at"]!!.text}: expected ${expected ?: "events"}, got $code"
                }
                check(step, events)?.let { return "step $number at ${step["at"]!!.text}: $it" }
            }
            val atEnd = atEnd(Json.read(target.state().toJson()))
            if (head != null && atEnd["ledger_head"] != head) return "the last answer's head is $head"
            return difference("final", atEnd, scenario["final"] ?: return null)
        }
    }

    private fun check(step: Json, events: List<Event>): String? {
        step["refuse"]?.let { return "expected ${it.text}, but it was accepted" }
        val expected = step["expect"] ?: return null
        if (expected.items.size != events.size) return "expected ${expected.items.size} events, got $events"
        return difference("events", wire(events), expected)
    }

    /** The player as the rules' section 14 shows it. */
    private fun atEnd(player: Json): Map<String, Any?> {
        val state = player["state"]!!
        val plain = { json: Json? -> if (json is Json.Str) json.text else json?.raw }
        val held = state["titles"]!!.items.filter { it["revoked_at"] == null }
        return mapOf(
            "id" to player["id"]!!.text,
            "debuff_active_until" to plain(state["debuff_active_until"]),
            "timezone" to plain(state["zone"]),
            "active_title_id" to plain(state["active_title"]),
            "season_xp" to state["seasons"]!!.items.associate { it["season"]!!.text to plain(it["season_xp"]) },
            "titles" to held.map { it["title"]!!.text },
            "ledger_head" to state["ledger"]!!["hash"]!!.text,
        ) + listOf("str", "agi", "vit", "disc").associateWith { plain(state["stats"]!![it]) } +
            listOf("level", "total_xp", "current_streak", "longest_streak", "perfect_streak").associateWith { plain(state[it]) }
    }
}
