package levelkit.tests

import java.io.File
import kotlin.system.exitProcess
import kotlin.system.measureNanoTime
import levelkit.Curve
import levelkit.Engine
import levelkit.Player

/** What a call costs, and whether memory stays after many: run with a heap of fixed size, so that what grows is a leak. */
fun main() {
    val calls = System.getenv("LEVELKIT_COST_CALLS")?.toInt() ?: 200_000
    val engine = Engine(World.ruleset)
    val curve = Curve.fromJson("""{"family":"table","thresholds":[0,100],"step":100}""")
    var player = Player("ida")
    val report = { n: Int ->
        // A player of a day's reports, then the next one: what is kept must not grow by the rules.
        if (n % 100 == 0) player.close().also { player = Player("ida") }
        engine.execute(player, World.start, World.walked(n % 10_000))
    }
    repeat(10_000) { report(it) }
    val before = resident()
    val time = measureNanoTime { repeat(calls) { report(it) } } / calls
    val after = resident()
    repeat(100_000) { curve.maxLevel() }
    val empty = measureNanoTime { repeat(1_000_000) { curve.maxLevel() } } / 1_000_000
    println("cost: kotlin: an empty call $empty ns, a report in memory ${time / 1000.0} us")
    println("memory: kotlin: $before kB after 10000 reports, $after kB after ${calls + 10_000}")
    if (after > before * 1.1) exitProcess(1)
}

private fun resident(): Long {
    System.gc()
    val line = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
    return line.filter(Char::isDigit).toLong()
}
