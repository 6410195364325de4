package levelkit.tests

import java.math.BigDecimal
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import levelkit.AwardCircumstances
import levelkit.AwardRequest
import levelkit.Curve
import levelkit.Engine
import levelkit.MetricInfo
import levelkit.ModifierStack
import levelkit.NamedFactor
import levelkit.Player
import levelkit.Requirement
import levelkit.Ruleset
import levelkit.RulesetFormat
import levelkit.TimedCommand
import levelkit.WornTitle
import levelkit.api.Command
import levelkit.api.IdKind
import levelkit.api.LevelkitException
import levelkit.api.MetricValue
import levelkit.api.PassiveType
import levelkit.api.Refusal
import levelkit.api.RulesetErrorCode
import levelkit.api.Source
import levelkit.metric
import levelkit.panicInside
import levelkit.panicInsideLater
import levelkit.storage.LedgerEntry
import levelkit.storage.PlayerReport
import levelkit.storage.RefusedReport
import levelkit.storage.RollOver
import levelkit.verifyLedger
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test

/** What a host can rely on beside the rules: errors as values, no crash, any thread. */
class BehaviourTest {
    private val engine = Engine(World.ruleset)

    @Test
    fun `a panic inside is an error, and life goes on`() {
        val error = assertThrows(LevelkitException.Internal::class.java) { panicInside("deep down") }
        assertEquals("INTERNAL_ERROR" to "a defect of levelkit: deep down", error.code() to error.message)
        val later = assertThrows(LevelkitException.Internal::class.java) { runBlocking { panicInsideLater("later") } }
        assertEquals("INTERNAL_ERROR" to "later", later.code() to later.what)
        assertEquals(4, engine.execute(Player("ida"), World.start, World.walked(9_000)).events.size)
    }

    @Test
    fun `a refusal carries its code and its facts`() {
        val player = Player("ida")
        val before = player.toJson()
        val error = assertThrows(LevelkitException.Refused::class.java) {
            engine.execute(player, World.start, Command.EnterDungeon("mine"))
        }
        assertEquals(Refusal.LevelTooLow(needed = 3, level = 1), error.refusal)
        assertEquals("LEVEL_TOO_LOW", error.code())
        assertEquals("level 3 is needed, the player is at level 1", error.message)
        assertEquals(error.message, error.toString())
        assertEquals(before, player.toJson())
    }

    @Test
    fun `every fault of a ruleset has its place`() {
        val text = "{\n  \"format\": \"levelkit.ruleset/1\",\n  \"quests\": [{\"base_xp\": \"lots\"}]\n}"
        val error = assertThrows(LevelkitException.InvalidRuleset::class.java) { Ruleset.fromJson(text) }
        val fault = error.faults.first { it.path == "quests[0].base_xp" }
        assertEquals(RulesetErrorCode.WRONG_TYPE, fault.code)
        assertEquals(3u to 26u, fault.line to fault.column)
        assertTrue(error.faults.size > 3)
        assertEquals("INVALID_RULESET", error.code())
        val yaml = Ruleset.parse(Vectors.root.resolve("examples/rulesets/hunter.yaml").readText(), RulesetFormat.YAML)
        assertEquals(yaml.hash(), Ruleset.fromJson(yaml.canonical()).hash())
        assertTrue(levelkit.rulesetSchema().contains("levelkit ruleset"))
    }

    @Test
    fun `a value that is none of its type is refused as such`() {
        val player = Player("ida")
        val far = Instant.parse("+10000-01-01T00:00:00Z")
        val error = assertThrows(LevelkitException.InvalidArgument::class.java) { engine.view(player, far) }
        assertEquals("INVALID_ARGUMENT", error.code())
        assertThrows(LevelkitException.InvalidArgument::class.java) { runBlocking { store().player("ida", far) } }
        val nan = Command.Report(metrics = mapOf("steps" to MetricValue.Number(Double.NaN)))
        val refused = assertThrows(LevelkitException.Refused::class.java) { engine.execute(player, World.start, nan) }
        assertEquals("INVALID_METRIC", refused.code())
        val zone = assertThrows(LevelkitException.Refused::class.java) { Player("ida", "Berlin") }
        assertEquals(Refusal.InvalidTimezone("Berlin"), zone.refusal)
        assertThrows(LevelkitException.InvalidArgument::class.java) { Player.fromJson("{}") }
        for (id in listOf("", "\u0000")) {
            val text = assertThrows(LevelkitException.Refused::class.java) { Player(id) }
            assertEquals(Refusal.InvalidText("id"), text.refusal)
        }
    }

    @Test
    fun `what cannot cross at all is refused in the same way`() {
        val player = Player("ida")
        val half = "half \uD800"
        val stack = ModifierStack.fromJson()
        fun award(factor: String) =
            stack.award(1, Source.BOSS_DEFEAT, AwardCircumstances(season = NamedFactor("s", BigDecimal(factor))))
        val calls: List<suspend () -> Any?> = listOf(
            { engine.view(player, Instant.MAX) },
            { engine.view(player, Instant.MIN) },
            { engine.execute(player, World.start, Command.Report(day = LocalDate.MAX, metrics = mapOf())) },
            { engine.execute(player, World.start, Command.Report(day = LocalDate.MIN, metrics = mapOf())) },
            { engine.execute(player, World.start, Command.Report(metrics = mapOf(half to 1.metric))) },
            { engine.execute(player, World.start, Command.StartBoss("\uDC00")) },
            { Ruleset.fromJson(half) },
            { Player("ida", half) },
            { award("1E+1000000000") },
            { award("1E-1000000000") },
            { award("-1") },
            { store().use { it.player(half) } },
            { store().use { it.claimEvents("w", lease = Duration.ofNanos(-1)) } },
            { levelkit.Store.open("sqlite::memory:", levelkit.StoreOptions(busyTimeout = Duration.ofSeconds(-1))) },
        )
        for ((index, call) in calls.withIndex()) assertEquals("INVALID_ARGUMENT", runBlocking { code(call) }, "call $index")
        val error = assertThrows(LevelkitException.InvalidArgument::class.java) { Player(half) }
        assertEquals("\"half ?\" is not a text of whole characters: half a surrogate pair stands in it", error.message)
        // Whole pairs are texts, and zeros at a factor's end are none.
        assertEquals("\uD83D\uDE00", Player("\uD83D\uDE00").id())
        assertEquals(2, award("2.00000000").finalXp)
    }

    @Test
    fun `a call that could not be made holds no store open`() = runBlocking {
        val file = kotlin.io.path.createTempDirectory("levelkit").toRealPath().resolve("hunters.db")
        val descriptors = java.io.File("/proc/self/fd")
        assumeTrue(descriptors.isDirectory, "only Linux shows what is open")
        fun open() = descriptors.listFiles().orEmpty().count { runCatching { it.canonicalPath }.getOrNull() == "$file" }
        val store = levelkit.Store.open("sqlite:$file")
        store.migrate()
        assertTrue(open() > 0)
        assertEquals("INVALID_ARGUMENT", code { store.player("\uD800") })
        assertEquals("INVALID_ARGUMENT", code { store.claimEvents("w", lease = Duration.ofNanos(-1)) })
        val ruleset = World.ruleset.also { it.close() }
        assertTrue(runCatching { store.importRuleset(ruleset, World.start) }.exceptionOrNull() is IllegalStateException)
        store.close()
        repeat(100) { if (open() > 0) delay(50) }
        assertEquals(0, open())
    }

    @Test
    fun `what is closed is closed`() {
        val player = Player("ida").also { it.close() }
        assertThrows(IllegalStateException::class.java) { player.toJson() }
        assertThrows(IllegalStateException::class.java) { engine.execute(player, World.start, Command.Advance) }
        val store = store().also { it.close() }
        assertThrows(IllegalStateException::class.java) { runBlocking { store.players() } }
        store.close()
    }

    @Test
    fun `an error says whether the same again may succeed soon`() = runBlocking {
        val tries = mutableListOf<String>()
        // As docs/errors.md has it.
        suspend fun <Answer> trying(times: Int, call: suspend () -> Answer): Answer {
            repeat(times - 1) {
                try {
                    return call()
                } catch (error: LevelkitException) {
                    if (!error.isTransient()) throw error
                    tries += error.code()
                }
            }
            return call()
        }
        val nobody = "postgres://nobody@127.0.0.1:1/none"
        assertEquals("STORE_UNAVAILABLE", code { trying(3) { levelkit.Store.open(nobody) } })
        assertEquals(listOf("STORE_UNAVAILABLE", "STORE_UNAVAILABLE"), tries)
        assertEquals("INVALID_URL", code { trying(3) { levelkit.Store.open("mysql://x") } })
        store().use { store -> assertEquals("UNKNOWN_ID", code { trying(3) { store.player("bo") } }) }
        assertEquals(2, tries.size)
    }

    @Test
    fun `what a ruleset measures`() {
        val metrics: List<MetricInfo> = World.ruleset.use { it.metrics() }
        assertEquals(listOf("run_km", "steps"), metrics.map { it.metric })
    }

    @Test
    fun `closing a store that is in use lets its calls end`() = runBlocking {
        val store = store()
        val calls = List(64) {
            async(Dispatchers.IO) { runCatching { store.execute("ida", World.start, World.walked(9_000 + it)) } }
        }
        calls.first().await()
        store.close()
        val outcomes = calls.awaitAll()
        assertTrue(outcomes.first().isSuccess)
        outcomes.mapNotNull { it.exceptionOrNull() }.forEach { assertTrue(it is IllegalStateException, "$it") }
    }

    @Test
    fun `a cancelled call leaves the store whole`() = runBlocking {
        store().use { store ->
            repeat(20) {
                val call = launch(Dispatchers.IO) { store.execute("ida", World.day(it.toLong()), World.walked(9_000)) }
                call.cancelAndJoin()
            }
            store.execute("ida", World.day(30), Command.Advance)
            assertNull(store.verify("ida").verification.failure)
        }
    }

    @Test
    fun `one player and many threads`() {
        val player = Player("ida")
        val threads = Executors.newFixedThreadPool(8)
        val calls = List(400) { n ->
            Callable { engine.execute(player, World.start, Command.AdjustXp("a$n", 1, "one each")).events.size }
        }
        assertEquals(400, threads.invokeAll(calls).count { it.get() > 0 })
        threads.shutdown()
        assertEquals(400, engine.view(player, World.start).totalXp)
        assertEquals(400, player.head().events)
    }

    @Test
    fun `batches do the same as single calls, or nothing`() {
        val (one, other) = Player("ida") to Player("ida")
        val commands = (0L until 5).map { TimedCommand(World.day(it), World.walked(9_000)) }
        val single = commands.map { engine.execute(one, it.at, it.command) }
        assertEquals(single, engine.executeAll(other, commands))
        assertEquals(one.toJson(), other.toJson())
        val bad = commands.map { it.copy(at = it.at.plusSeconds(864_000)) } + TimedCommand(World.start, Command.Advance)
        assertThrows(LevelkitException.Refused::class.java) { engine.executeAll(other, bad) }
        assertEquals(one.toJson(), other.toJson())
        val walk = Requirement.fromJson("""{"type":"numeric","metric":"steps","op":">=","value":8000}""")
        val days = listOf(World.walked(6_000).metrics, World.walked(8_000).metrics)
        assertEquals(days.map { walk.evaluate(it) }, walk.evaluateAll(days))
        val curve = Curve.fromJson("""{"family":"table","thresholds":[0,100],"step":100}""")
        assertEquals((-1..4).map { curve.threshold(it) }, curve.thresholds((-1..4).toList()))
        val stack = ModifierStack.fromJson()
        val requests = listOf(false, true).map { AwardRequest(100, Source.QUEST_COMPLETION, AwardCircumstances(weekend = it)) }
        assertEquals(requests.map { stack.award(it.baseXp, it.source, it.circumstances) }, stack.awardAll(requests))
        val title = WornTitle("t", PassiveType.PERCENT_XP_BONUS, Double.NaN)
        val worn = AwardRequest(1, Source.BOSS_DEFEAT, AwardCircumstances(title = title))
        assertEquals("OUT_OF_RANGE", runBlocking { code { stack.awardAll(requests + worn) } })
    }

    @Test
    fun `a player tells where it stands, and its copy goes its own way`() {
        val player = Player("ida", "Europe/Berlin")
        assertNull(player.lastAt())
        engine.execute(player, World.start, World.walked(9_000))
        val copy = player.copy()
        assertEquals(player.toJson(), copy.toJson())
        engine.execute(copy, World.day(1), World.walked(9_000))
        assertEquals(listOf("ida", "Europe/Berlin", 1, 100L, 0), player.run { listOf(id(), timezone(), level(), totalXp(), currentStreak()) })
        assertEquals(World.start to World.day(1), player.lastAt() to copy.lastAt())
        assertEquals(World.ruleset.hash(), engine.ruleset().hash())
        assertTrue(levelkit.levelkitVersion().isNotEmpty() && levelkit.timeZoneVersion().startsWith("20"))
    }

    @Test
    fun `a player is kept and read again, and the ledger verifies`() {
        val player = Player("ida", "Europe/Berlin")
        val entries = mutableListOf<LedgerEntry>()
        repeat(3) { entries += engine.execute(player, World.day(it.toLong()), World.walked(9_000)).entries }
        val again = Player.fromJson(player.toJson())
        assertEquals(engine.view(player, World.day(5)), engine.view(again, World.day(5)))
        val found = verifyLedger(entries)
        assertNull(found.failure)
        assertEquals(player.head().hash, found.head)
        val forged = entries.mapIndexed { i, entry -> if (i == 1) entry.copy(event = entry.event.copy(finalXp = 999)) else entry }
        assertEquals(1uL, verifyLedger(forged).failure!!.index)
    }

    @Test
    fun `a preview changes nothing`() {
        val player = Player("ida")
        val before = player.toJson()
        val preview = engine.preview(player, World.start, World.walked(9_000))
        assertEquals(before, player.toJson())
        assertEquals(preview, engine.execute(player, World.start, World.walked(9_000)).events)
    }

    @Test
    fun `many players at once`() = runBlocking {
        store().use { store ->
            store.createPlayer(levelkit.storage.NewPlayer("bo"))
            val metrics = World.walked(9_000).metrics
            val done = store.reportMany(
                listOf(
                    PlayerReport("ida", World.start, metrics = metrics),
                    PlayerReport("nobody", World.start, metrics = metrics),
                    PlayerReport("bo", World.day(40), metrics = metrics, specials = listOf("party")),
                ),
            )
            assertEquals(listOf(0u to "ida", 2u to "bo"), done.accepted.map { it.index to it.player })
            assertEquals(listOf(RefusedReport(1u, "nobody", Refusal.UnknownId(IdKind.PLAYER, "nobody"))), done.refused)
            assertTrue(done.failed.isEmpty())
            assertEquals(100, store.player("ida").totalXp)
            // Ida has sent nothing for 42 days, Bo for two.
            assertEquals(RollOver(listOf("bo"), listOf(), listOf(), false), store.rollOver(World.day(42), idleDays = 30u))
            assertEquals(listOf("ida"), store.rollOver(World.day(42)).advanced)
        }
    }

    @Test
    fun `every verb of the store`() = runBlocking {
        val file = kotlin.io.path.createTempDirectory("levelkit").resolve("hunters.db")
        levelkit.Store.open("sqlite:$file").use { store ->
            assertEquals("NOT_MIGRATED", code { store.players() })
            assertEquals(0, store.schemaVersion().found)
            assertEquals(store.migrate().after, store.schemaVersion().known)
            assertEquals("NO_RULESET", code { store.ruleset() })
            assertTrue(store.importRuleset(World.ruleset, World.start).changed)
            assertEquals(World.ruleset.hash(), Ruleset.fromJson(store.exportRuleset()).hash())
            assertEquals(World.ruleset.hash(), store.ruleset().hash())
            assertTrue(store.createPlayer(levelkit.storage.NewPlayer("ida", name = "Ida")))
            assertEquals(false, store.createPlayer(levelkit.storage.NewPlayer("ida")))
            val preview = store.preview("ida", World.start, World.walked(9_000))
            val done = store.executeAll("ida", listOf(TimedCommand(World.start, World.walked(9_000))))
            assertEquals(preview, done.single().events)
            store.execute("ida", World.start, Command.JoinSeason("spring"))
            store.execute("ida", World.day(1), World.walked(9_000))
            val view = store.player("ida")
            assertEquals(view, Engine(World.ruleset).view(store.state("ida"), World.day(1)))
            assertEquals("Ida", store.players(limit = 5u).single().name)
            assertTrue(store.timeline("ida").isNotEmpty())
            assertTrue(store.timeline("ida", from = World.day(1)).size < store.timeline("ida").size)
            val page = store.ledger("ida", limit = 1u)
            assertEquals(1, page.entries.size)
            assertNotEquals(page, store.ledger("ida", after = page.next, limit = 1u))
            assertNull(store.verify("ida").verification.failure)
            assertEquals(1uL, store.verifyAll().players)
            assertEquals(1, store.leaderboard("spring", World.day(1)).standings.single().rank)
            assertEquals("ida", store.standing("spring", "ida")!!.player)
            assertEquals(1, store.refreshLeaderboard("spring", World.day(1)).participants)
            assertEquals(listOf("ida"), store.rollOver(World.day(3)).advanced)
            assertEquals("UNKNOWN_ID", code { store.execute("bo", World.day(3), Command.Advance) })
        }
        assertEquals("INVALID_URL", code { levelkit.Store.open("mysql://x") })
        val closed = assertThrows(LevelkitException.Refused::class.java) { runBlocking { store().player("bo") } }
        assertEquals(Refusal.UnknownId(IdKind.PLAYER, "bo"), closed.refusal)
        val read = levelkit.Store.open("sqlite:$file", levelkit.StoreOptions(readOnly = true))
        assertEquals("STORE_READ_ONLY", code { read.execute("ida", World.day(9), Command.Advance) })
        val missing = assertThrows(LevelkitException.Store::class.java) {
            runBlocking { levelkit.Store.open("sqlite:$file.none", levelkit.StoreOptions(create = false)) }
        }
        assertEquals("STORE_MISSING", missing.code())
        assertEquals("check the path, or open it so that it may be made", missing.hint())
    }

    private suspend fun code(call: suspend () -> Any?): String = try {
        call()
        "none"
    } catch (error: LevelkitException) {
        error.code()
    }

    private fun store() = runBlocking {
        levelkit.Store.open("sqlite::memory:").apply {
            migrate()
            importRuleset(World.ruleset, World.start)
            createPlayer(levelkit.storage.NewPlayer("ida"))
        }
    }
}
