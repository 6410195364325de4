// Three days of one player, on a database in memory. Run it from the project's folder.

import java.io.File
import java.time.Instant
import kotlinx.coroutines.runBlocking
import levelkit.Ruleset
import levelkit.Store
import levelkit.api.Command
import levelkit.api.Event
import levelkit.api.LevelkitException
import levelkit.api.Refusal
import levelkit.metric
import levelkit.storage.NewPlayer

const val PLAYER = "ida"

fun main() = runBlocking {
    val ruleset = Ruleset.fromYaml(File("examples/rulesets/hunter.yaml").readText())
    println("rules ${ruleset.hash().take(12)}")

    Store.open("sqlite::memory:").use { store ->
        store.migrate()
        store.importRuleset(ruleset, Instant.parse("2026-03-01T00:00:00Z"))
        store.createPlayer(NewPlayer(PLAYER, timezone = "Europe/Berlin"))
        play(store)
        explain(store)
    }
}

/** Sunday to Tuesday. Reports are cumulative: how much it is so far today. */
suspend fun play(store: Store) {
    val days = listOf(
        Triple("2026-03-01", 9_000, true),
        Triple("2026-03-02", 12_500, false),
        Triple("2026-03-03", 8_200, true),
    )
    for ((day, steps, meditated) in days) {
        println(day)
        val metrics = mapOf(
            "steps" to steps.metric,
            "pushups" to 40.metric,
            "squats" to 60.metric,
            "sleep_hours" to 7.5.metric,
            "water_litres" to 2.5.metric,
            "vegetables" to 5.metric,
            "sweets" to 0.metric,
            "screen_minutes" to 15.metric,
            "journal" to true.metric,
            "meditated" to meditated.metric,
        )
        store.execute(PLAYER, Instant.parse("${day}T20:00:00Z"), Command.Report(metrics = metrics)).events.forEach(::tell)
    }
    // A title is worn from one command on.
    val equip = Command.EquipTitle("first-page")
    store.execute(PLAYER, Instant.parse("2026-03-03T20:05:00Z"), equip).events.forEach(::tell)
}

suspend fun explain(store: Store) {
    // Why was an award what it was? The ledger knows, step by step.
    for ((event, modifiers) in store.ledger(PLAYER, limit = 1u).entries) {
        println("why ${event.finalXp} XP for ${event.eventSource}: ${event.baseXp} at first")
        for (step in modifiers) {
            println("  ${step.reason} times ${step.multiplier}: ${step.xpBefore} to ${step.xpAfter}")
        }
    }

    // A command can be refused, with a code and the facts; then nothing has happened.
    try {
        store.execute(PLAYER, Instant.parse("2026-03-03T20:10:00Z"), Command.StartBoss("slag-colossus"))
    } catch (error: LevelkitException.Refused) {
        when (val refusal = error.refusal) {
            is Refusal.LevelTooLow ->
                println("refused: ${error.code()}, level ${refusal.needed} is needed and $PLAYER is at level ${refusal.level}")
            else -> throw error
        }
    }

    val ida = store.player(PLAYER)
    println("${ida.player} is level ${ida.level} with ${ida.totalXp} XP, next at ${ida.nextLevelAt ?: "never"}")
    println("streak ${ida.currentStreak}, wears ${ida.activeTitle.orEmpty()}")

    val (events, head, _, _, failure) = store.verify(PLAYER).verification
    println("ledger ${if (failure == null) "sound" else "broken"}: $events events, head ${head.take(12)}")
}

fun tell(event: Event) = when (event) {
    is Event.QuestCompleted -> println("  quest ${event.quest} completed")
    is Event.XpAwarded -> println("  ${event.finalXp} XP, now ${event.totalXpAfter}")
    is Event.LevelUp -> println("  level ${event.levelAfter}")
    is Event.StatRaised -> println("  ${event.stat} ${event.value}")
    is Event.StreakExtended -> println("  streak ${event.currentStreak}")
    is Event.TitleEarned -> println("  title ${event.title} earned")
    is Event.TitleEquipped -> println("  title ${event.title ?: "none"} worn")
    else -> {}
}
