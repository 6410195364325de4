package levelkit.tests

import java.time.Duration
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import levelkit.Engine
import levelkit.Player
import levelkit.Store
import levelkit.StoreOptions
import levelkit.api.Command
import levelkit.api.LevelkitException
import levelkit.storage.NewPlayer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable

/** A store on a PostgreSQL server; `cargo xtask test` gives it an empty database. */
@EnabledIfEnvironmentVariable(named = "LEVELKIT_POSTGRES", matches = ".+", disabledReason = "there is no PostgreSQL")
class PostgresTest {
    private val url = System.getenv("LEVELKIT_POSTGRES")
    private val options = StoreOptions(connections = 4u, clockTolerance = Duration.ZERO)

    @Test
    fun `a store on a server plays as the engine does in memory`() = runBlocking {
        Store.open(url, options).use { store ->
            assertEquals(store.migrate().after, store.schemaVersion().known)
            assertTrue(store.importRuleset(World.ruleset, World.start).changed)
            assertTrue(store.createPlayer(NewPlayer("ida", name = "Ida")))
            val engine = Engine(World.ruleset)
            Player("ida").use { player ->
                for (day in 0L..3L) {
                    val inMemory = engine.execute(player, World.day(day), World.walked(9_000))
                    val stored = store.execute("ida", World.day(day), World.walked(9_000))
                    assertEquals(inMemory.events, stored.events)
                    assertEquals(inMemory.head, stored.head)
                }
                assertEquals(engine.view(player, World.day(3)), store.player("ida"))
            }
            assertNull(store.verify("ida").verification.failure)
            assertEquals(4, store.ledger("ida").entries.size)
            val early = assertThrows(LevelkitException.Refused::class.java) {
                runBlocking { store.execute("ida", World.start, Command.Advance) }
            }
            assertEquals("TIME_BACKWARDS", early.code())

            // Several at once, over several connections.
            val ids = (0 until 8).map { "player-$it" }
            ids.map { async { store.createPlayer(NewPlayer(it)) } }.awaitAll()
            ids.map { async { store.execute(it, World.start, World.walked(9_000)) } }.awaitAll()
            assertEquals(9uL, store.verifyAll().players)
        }
        // Whatever was answered is there for whoever opens it next.
        Store.open(url, options).use { store -> assertEquals("Ida", store.players(limit = 1u).single().name) }
    }

    @Test
    fun `a server that is not there is an error`() {
        val nobody = assertThrows(LevelkitException.Store::class.java) {
            runBlocking {
                val store = Store.open("postgres://nobody@127.0.0.1:1/none", StoreOptions(connectTimeout = Duration.ofSeconds(2)))
                store.use { it.players() }
            }
        }
        assertTrue(nobody.code().startsWith("STORE_"), nobody.code())
    }
}
