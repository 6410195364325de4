package levelkit.tests

import java.io.File
import java.time.Instant
import java.util.Locale
import kotlin.system.measureNanoTime
import levelkit.Curve
import levelkit.Engine
import levelkit.Player
import levelkit.Requirement
import levelkit.Ruleset
import levelkit.api.Command
import levelkit.api.LevelkitException
import levelkit.metric

/** The workload that every language plays. */
private class Workload {
    private val json = Json.read(Vectors.root.resolve("tests/cost/workload.json").readText())
    private val start = Instant.parse(json["start"]!!.text)
    private val id = json["player"]!!.text
    private val engine = Engine(Ruleset.fromJson(json["ruleset"]!!.raw))
    private val requirement = Requirement.fromJson(json["ruleset"]!!["quests"]!!.items[0]["requirements"]!!.raw)
    private val few = mapOf("steps" to 5.metric)
    val reports = json["reports"]!!.int
    val curve = Curve.fromJson("""{"family":"table","thresholds":[0,100],"step":100}""")

    /** The reports, with other calls between them; it ends at the pinned head, or there is nothing to measure. */
    fun play(between: (Player, Instant, Int) -> Unit = { _, _, _ -> }) {
        val head = Player(id).use { player ->
            var head = ""
            repeat(reports) { n ->
                val at = start.plusSeconds(n * 3600L)
                head = engine.execute(player, at, Command.Report(metrics = mapOf("steps" to (n * 997 % 10_000).metric))).head.hash
                between(player, at, n)
            }
            head
        }
        check(head == json["head"]!!.text) { "another ledger than the pinned one: $head" }
    }

    /** One call more: mostly an empty one, and now and then one that answers much, or that throws. */
    fun other(player: Player, at: Instant, n: Int) {
        when (n % 10) {
            4 -> requirement.explain(few)
            9 -> try {
                engine.execute(player, at, Command.StartBoss("none"))
                error("there is no such boss")
            } catch (_: LevelkitException.Refused) {
            }
            else -> curve.maxLevel()
        }
    }
}

/**
 * What a call costs, beside Rust, and whether memory stays after a million: run with a heap of fixed size, so that what grows is
 * a leak.
 */
fun main() {
    val calls = System.getenv("LEVELKIT_CALLS")?.toIntOrNull() ?: 1_000_000
    val work = Workload()
    val many = { count: Int -> repeat(count / (2 * work.reports)) { work.play(work::other) } }
    many(10_000)
    val before = resident()
    many(calls - 10_000)
    val after = resident()
    println("memory: kotlin: $before kB after 10,000 calls, $after kB after ${"%,d".format(Locale.ROOT, calls)}")
    check(after <= before * 1.1) { "memory grows" }

    val empty = best { repeat(10_000) { work.curve.maxLevel() } } / 10_000
    val report = best { work.play() } / work.reports
    val rusts = System.getenv("LEVELKIT_COST_RUST").orEmpty().split(" ").mapNotNull(String::toDoubleOrNull)
    val (besideEmpty, besideReport) = when {
        rusts.isEmpty() -> listOf("", "")
        else -> listOf(
            " (Rust ${rusts[0]} ns, ${shown(empty / rusts[0])} times that)",
            " (Rust ${shown(rusts[1] / 1000)} us, ${shown(report / rusts[1])} times that)",
        )
    }
    println("cost: kotlin: an empty call ${empty.toInt()} ns$besideEmpty, a report in memory ${shown(report / 1000)} us$besideReport")
}

private fun shown(number: Double) = "%.1f".format(Locale.ROOT, number)

/** The shortest of several rounds, in nanoseconds. */
private fun best(round: () -> Unit): Double = (1..20).minOf { measureNanoTime(round) }.toDouble()

private fun resident(): Long {
    System.gc()
    val line = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
    return line.filter(Char::isDigit).toLong()
}
