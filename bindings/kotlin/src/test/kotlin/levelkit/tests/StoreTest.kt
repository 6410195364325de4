package levelkit.tests

import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import levelkit.Ruleset
import levelkit.Store
import levelkit.StoreOptions
import levelkit.api.Command
import levelkit.api.LevelkitException
import levelkit.metric
import levelkit.storage.ExportedRow
import levelkit.storage.ExportedValue
import levelkit.storage.NewPlayer
import levelkit.storage.PlayerReport
import levelkit.storage.Standings
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What a store does beside commands: standings, the outbox, what it knows of a player. */
class StoreTest {
    /** Every language tries this case. */
    private val case = Json.read(Vectors.root.resolve("tests/standings/small.json").readText())
    private val at = Instant.parse(text("at"))
    private val minute = Duration.ofMinutes(1)

    @Test
    fun `a sealed season leaves the same file in every language`() = runBlocking {
        played().use { store ->
            val season = text("season")
            assertEquals("SEASON_NOT_SEALED", code { store.standings(season) })
            assertTrue(store.refreshLeaderboard(season, Instant.parse(text("sealed_at"))).sealed)
            val participants = Json.read(text("text").lines().first())["participants"]!!.long
            val sha256 = text("sha256")
            assertEquals(Standings(season, participants, text("text"), sha256, sha256), store.standings(season))
            assertEquals("UNKNOWN_ID", code { store.standings("none") })
        }
    }

    @Test
    fun `the standings around a player`() = runBlocking {
        played().use { store ->
            val season = text("season")
            val around = case["around"]!!.items.map { it["rank"]!!.long to it["player"]!!.text }
            val page = store.leaderboardAround(season, at, "ida", 1u)!!
            assertEquals(around, page.standings.map { it.rank to it.player })
            assertEquals(store.leaderboard(season, at), store.leaderboardAround(season, at, "ida", 100u))
            store.createPlayer(NewPlayer("late"))
            assertNull(store.leaderboardAround(season, at, "late", 1u))
            assertEquals("UNKNOWN_ID", code { store.leaderboardAround("none", at, "ida", 1u) })
        }
    }

    @Test
    fun `what commands bring is handed out in order until it is acknowledged`() = runBlocking {
        opened(StoreOptions(outbox = true)).use { store ->
            listOf("p", "q").forEach { store.createPlayer(NewPlayer(it)) }
            val outcomes = (0L..1).map { store.execute("p", day(it), World.walked(9_000)) }
            val entries = store.claimEvents("mailer", lease = minute)
            assertEquals(outcomes.map { it.events }, entries.map { it.events })
            assertEquals(listOf(Triple("p", at, 1), Triple("p", day(1), 1)), entries.map { Triple(it.player, it.at, it.deliveries) })
            assertTrue(entries[0].id < entries[1].id)
            // They are the mailer's, and whatever comes for that player.
            listOf("p", "q").forEach { store.execute(it, day(2), World.walked(9_000)) }
            assertEquals(listOf("q"), store.claimEvents("other", 100u, minute).map { it.player })
            assertEquals(1uL, store.acknowledge(listOf(entries[0].id)))
            assertEquals(1uL, store.acknowledge(entries.map { it.id }))
            // What a worker lost comes back when its lease is over.
            assertEquals(listOf(1), store.claimEvents("lost", lease = Duration.ofMillis(1)).map { it.deliveries })
            delay(50)
            assertEquals(listOf(2), store.claimEvents("mailer", lease = minute).map { it.deliveries })
        }
        opened().use { without ->
            without.createPlayer(NewPlayer("p"))
            without.execute("p", at, World.walked(9_000))
            assertTrue(without.claimEvents("mailer", lease = minute).isEmpty())
        }
    }

    @Test
    fun `a player is handed out and erased, and the ledger verifies`() = runBlocking {
        opened().use { store ->
            store.createPlayer(NewPlayer("p", timezone = "Europe/Berlin", email = "sung@x.org", name = "Sung"))
            store.execute("p", at, World.walked(9_000))
            store.execute("p", at, Command.AdjustXp("gift", 7, "since she was ill"))
            val export = store.exportPlayer("p")
            assertEquals("levelkit.player/1" to "p", export.format to export.player)
            fun rows(name: String): List<ExportedRow> = export.tables.single { it.name == name }.rows
            val user = rows("users").single()
            assertEquals(ExportedValue.Text("sung@x.org"), user["email"])
            assertEquals(ExportedValue.Whole(107), user["total_xp"])
            assertEquals(ExportedValue.Boolean(false), user["email_verified"])
            assertEquals(ExportedValue.Null, user["image"])
            assertEquals(2, rows("xp_events").size)
            assertEquals(ExportedValue.Text("2026-03-02T20:00:00.000000Z"), rows("levelkit_players").single()["seen_at"])
            val done = rows("quest_logs").single { it["status"] == ExportedValue.Text("COMPLETED") }
            val progress = (done["progress"] as ExportedValue.Object).value
            assertEquals(ExportedValue.Object(mapOf("steps" to ExportedValue.Number(9000.0))), progress["metrics"])
            // The file to hand out.
            val file = Json.read(export.json())
            assertEquals("levelkit.player/1", file["format"]!!.text)
            assertEquals(export.tables.size, file["tables"]!!.items.size)
            assertTrue(store.erasePlayer("p", day(1)))
            assertTrue(!store.erasePlayer("p", day(2)))
            val text = store.exportPlayer("p").json()
            for (known in listOf("Sung", "sung@x.org", "since she was ill")) assertTrue(known !in text, known)
            val found = store.verify("p").verification
            assertEquals(Triple(2uL, 107L, null), Triple(found.events, found.totalXp, found.failure))
            store.execute("p", day(3), World.walked(9_000))
            assertNull(store.verify("p").verification.failure)
            assertEquals("UNKNOWN_ID", code { store.exportPlayer("nobody") })
            assertEquals("UNKNOWN_ID", code { store.erasePlayer("nobody", at) })
        }
    }

    @Test
    fun `the tables are taken away again`() = runBlocking {
        opened().use { store ->
            store.revert()
            assertEquals(0, store.schemaVersion().found)
            assertEquals("NOT_MIGRATED", code { store.players() })
        }
    }

    @Test
    fun `after closing these verbs are refused too`() = runBlocking {
        val store = opened(StoreOptions(outbox = true))
        store.close()
        val calls: List<suspend () -> Any?> = listOf(
            { store.leaderboardAround("spring", at, "p", 1u) }, { store.standings("spring") }, { store.revert() },
            { store.claimEvents("w", lease = minute) }, { store.acknowledge(listOf()) }, { store.exportPlayer("p") },
            { store.erasePlayer("p", at) },
        )
        for (call in calls) {
            val closed = try {
                call()
                null
            } catch (error: IllegalStateException) {
                error
            }
            assertTrue(closed?.message.orEmpty().contains("Store"), "$closed")
        }
    }

    private fun text(name: String): String = case[name]!!.text

    private fun day(n: Long): Instant = at.plusSeconds(n * 86_400)

    private suspend fun code(call: suspend () -> Any?): String = try {
        call()
        "none"
    } catch (error: LevelkitException) {
        error.code()
    }

    private suspend fun opened(options: StoreOptions = StoreOptions()): Store =
        Store.open("sqlite::memory:", options).apply {
            migrate()
            importRuleset(Ruleset.fromJson(case["ruleset"]!!.raw), at)
        }

    private suspend fun played(): Store = opened().apply {
        val reports = case["players"]!!.items.map {
            val id = it["id"]!!.text
            createPlayer(NewPlayer(id))
            PlayerReport(id, at, metrics = mapOf("steps" to it["steps"]!!.int.metric))
        }
        assertEquals(reports.size, reportMany(reports).accepted.size)
    }
}
