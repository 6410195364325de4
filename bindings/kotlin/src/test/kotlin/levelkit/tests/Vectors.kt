package levelkit.tests

import java.io.File
import java.time.Instant
import java.time.temporal.ChronoUnit
import kotlin.math.abs
import levelkit.AwardCircumstances
import levelkit.Curve
import levelkit.Engine
import levelkit.ModifierStack
import levelkit.NamedFactor
import levelkit.Narration
import levelkit.Player
import levelkit.Requirement
import levelkit.Ruleset
import levelkit.WornTitle
import levelkit.api.LevelkitException
import levelkit.api.ModifierType
import levelkit.api.NarrativeCategory
import levelkit.api.PassiveType
import levelkit.api.RequirementState
import levelkit.api.Source
import levelkit.api.Told
import levelkit.api.XpEvent
import levelkit.api.XpModifier
import levelkit.firstHash
import levelkit.hashEvent

/** What a case was refused with. */
class Refused(val code: String) : Exception(code)

/** How many cases of a run passed, and what the others got wrong. */
class Tally {
    private var passed = 0
    private val failures = mutableListOf<String>()

    /** Counts a case; `outcome` says what is wrong with it, if anything. */
    fun count(name: String, outcome: () -> String?) {
        val wrong = try {
            outcome()
        } catch (error: Exception) {
            "failed with $error"
        }
        if (wrong == null) passed++ else failures.add("$name: $wrong")
    }

    /** Prints the line that every language prints, and fails if any case did. */
    fun report(target: String) {
        println("vectors: kotlin $target: $passed passed, ${failures.size} failed")
        check(passed + failures.size > 0) { "no vector was found in ${Vectors.folder}" }
        check(failures.isEmpty()) { failures.take(40).joinToString("\n") }
    }
}

private const val DEFAULT_CURVE = """{"family":"polynomial","coefficients":[0,25,"57.5"]}"""

/** The conformance vectors: one truth for every language. */
object Vectors {
    /** The project's folder. */
    val root = File(System.getProperty("levelkit.root") ?: "../..")

    val folder: File = System.getenv("LEVELKIT_VECTORS")?.let(::File) ?: root.resolve("tests/vectors")

    fun files(suite: String): List<File> =
        folder.resolve(suite).listFiles { file -> file.extension == "json" }.orEmpty().sortedBy { it.name }

    /** Runs every suite that needs no player. */
    fun runPure(tally: Tally) {
        val suites = mapOf(
            "curve" to ::curve,
            "requirement" to ::requirement,
            "award" to ::award,
            "ledger" to ::ledger,
            "ruleset_error" to ::rulesetError,
            "narrative" to ::narrative,
        )
        for ((suite, run) in suites) {
            for (file in files(suite)) run(Cases("$suite/${file.nameWithoutExtension}", tally), Json.read(file.readText()))
        }
    }

    private class Cases(private val name: String, private val tally: Tally) {
        fun each(cases: List<Json>, run: (Json) -> String?) =
            cases.forEachIndexed { index, case -> tally.count("$name[$index]") { run(case) } }
    }

    /** A case's result against what it expects, or a refusal's code. */
    private fun <T> settle(case: Json, run: () -> T, check: (T) -> String?): String? {
        val expected = case["refuse"]?.text
        val found = try {
            run()
        } catch (refused: Exception) {
            val code = codeOf(refused)
            return if (code == expected) null else "expected ${expected ?: "a result"}, got $code"
        }
        return if (expected == null) check(found) else "expected $expected, got a result"
    }

    /** The code of an error; of a ruleset's faults the first one's. */
    fun codeOf(error: Exception): String = when (error) {
        is Refused -> error.code
        is LevelkitException.InvalidRuleset -> error.faults.first().code.toString()
        is LevelkitException -> error.code()
        else -> throw error
    }

    private fun same(what: String, found: Any?, expected: Any?): String? =
        if (found == expected) null else "$what: expected $expected, got $found"

    /** What all cases of a file share. Where it cannot be made, each of them finds out. */
    private fun <T> shared(make: () -> T): () -> T = runCatching(make).let { made -> { made.getOrThrow() } }

    private fun curve(cases: Cases, file: Json) {
        val shared = shared { Curve.fromJson(file["curve"]?.raw ?: DEFAULT_CURVE) }
        cases.each(file["cases"]!!.items) { case ->
            val curve = try {
                shared()
            } catch (_: LevelkitException) {
                return@each settle(case, shared) { null }
            }
            val level = case["total_xp"]?.let { total ->
                settle(case, { curve.level(total.long) }) { same("level", it, case["level"]!!.int) }
            }
            level ?: if (case["total_xp"] == null || case["threshold"] != null) threshold(curve, case) else null
        }
    }

    private fun threshold(curve: Curve, case: Json): String? {
        val found = try {
            curve.threshold(case["level"]!!.int)
        } catch (_: Refused) {
            null // A level that does not fit does not exist either.
        }
        return same("threshold", found, if (case["refuse"] == null) case["threshold"]!!.long else null)
    }

    private fun requirement(cases: Cases, file: Json) = cases.each(file["cases"]!!.items) { case ->
        val evaluate = {
            val requirement = Requirement.fromJson(case["requirement"]!!.raw)
            val reported = case["metrics"]?.let { metrics(it) }.orEmpty()
            requirement.evaluate(reported).also { outcome ->
                check(stateOf(requirement.explain(reported)) == outcome.state) { "the explanation differs" }
            }
        }
        settle(case, evaluate) { outcome ->
            val state = case["state"]?.let { same("state", outcome.state, RequirementState.valueOf(it.text)) }
            val fraction = case["fraction"]?.takeIf { abs(outcome.fraction - it.double) > 1e-9 }
            state ?: fraction?.let { "fraction: expected ${it.raw}, got ${outcome.fraction}" }
        }
    }

    private fun award(cases: Cases, file: Json) {
        val stack = shared { ModifierStack.fromJson(file["modifiers"]?.raw ?: "{}") }
        cases.each(file["cases"]!!.items) { case ->
            val award = {
                val circumstances = circumstances(case["context"])
                try {
                    stack().award(case["base_xp"]!!.int, label<Source>(case["source"]!!), circumstances)
                } catch (_: LevelkitException.InvalidArgument) {
                    throw Refused("INVALID_MULTIPLIER") // Nothing else that an award takes is a value of its own.
                }
            }
            settle(case, award) { award ->
                case["final_xp"]?.let { same("final_xp", award.finalXp.toLong(), it.long) }
                    ?: case["steps"]?.let { steps(award.steps, it.items) }
            }
        }
    }

    private fun circumstances(context: Json?): AwardCircumstances {
        if (context == null) return AwardCircumstances()
        val factor = { key: String -> context["${key}_multiplier"]?.let { NamedFactor(key, multiplier(it)) } }
        return AwardCircumstances(
            currentStreak = context["current_streak"]?.int ?: 0,
            weekend = context["weekend"]?.yes ?: false,
            season = factor("season"),
            title = context["title"]?.let {
                WornTitle("title", label<PassiveType>(it["passive_type"]!!), it["passive_value"]!!.double)
            },
            dungeon = factor("dungeon"),
            debuffed = context["debuffed"]?.yes ?: false,
        )
    }

    private fun steps(found: List<levelkit.api.Step>, expected: List<Json>): String? {
        if (found.size != expected.size) return "expected ${expected.size} steps, got ${found.size}"
        return found.zip(expected).firstNotNullOfOrNull { (step, pinned) ->
            same("multiplier", step.multiplier.compareTo(multiplier(pinned["multiplier"]!!)), 0)
                ?: (pinned as Json.Obj).fields.filter { (key, value) -> key != "multiplier" && value !is Json.Null }
                    .firstNotNullOfOrNull { (key, value) -> difference(key, (wire(step) as Map<*, *>)[key], value) }
        }
    }

    private fun ledger(cases: Cases, file: Json) {
        val hashes = file["hashes"]!!.items
        val events = file["events"]!!.items
        cases.each(events.indices.map { events[it] }) { json ->
            val index = events.indexOfFirst { it === json }
            val previous = if (index == 0) firstHash() else hashes[index - 1].text
            val modifiers = json["modifiers"]?.items.orEmpty().map(::modifier)
            same("hash", hashEvent(previous, xpEvent(json), modifiers), hashes[index].text)
        }
        if (events.size != hashes.size) cases.each(listOf(file)) { same("hashes", hashes.size, events.size) }
    }

    private fun xpEvent(json: Json) = XpEvent(
        id = json["id"]!!.text,
        userId = json["user_id"]!!.text,
        eventSource = label<Source>(json["event_source"]!!),
        sourceId = json["source_id"]?.text,
        baseXp = json["base_xp"]!!.int,
        finalXp = json["final_xp"]!!.int,
        totalXpBefore = json["total_xp_before"]!!.long,
        totalXpAfter = json["total_xp_after"]!!.long,
        levelBefore = json["level_before"]!!.int,
        levelAfter = json["level_after"]!!.int,
        createdAt = Instant.EPOCH.plus(json["created_at"]!!.long, ChronoUnit.MICROS),
        eventHash = firstHash(),
    )

    private fun modifier(json: Json) = XpModifier(
        id = "not hashed",
        order = json["order"]!!.int,
        modifier = label<ModifierType>(json["type"]!!),
        multiplier = multiplier(json["multiplier"]!!),
        reason = json["reason"]!!.text,
        xpBefore = json["xp_before"]!!.int,
        xpAfter = json["xp_after"]!!.int,
    )

    private fun rulesetError(cases: Cases, file: Json) = cases.each(file["cases"]!!.items) { case ->
        val text = case["ruleset_text"]?.text ?: case["ruleset"]?.raw ?: "null"
        val found = try {
            Ruleset.fromJson(text)
            emptyList()
        } catch (error: LevelkitException.InvalidRuleset) {
            error.faults.map { it.path to it.code.toString() }
        }
        val expected = case["errors"]!!.items.map { it["path"]!!.text to it["code"]!!.text }
        val order = compareBy<Pair<String, String>>({ it.first }, { it.second })
        same("errors", found.sortedWith(order), expected.sortedWith(order))
    }

    private fun narrative(cases: Cases, file: Json) {
        val ruleset = shared { Ruleset.fromJson(file["ruleset"]!!.raw) }
        cases.each(file["cases"]!!.items) { case ->
            val variables = (case["variables"] as? Json.Obj)?.fields.orEmpty().mapValues { it.value.text }
            val (key, category) = case["key"] to case["category"]
            when {
                key != null -> settle(case, { ruleset().tell(key.text, variables) }) { same("text", it, case["text"]?.text) }
                category != null -> {
                    val keys = { ruleset().narrativesAbout(label<NarrativeCategory>(category)) }
                    settle(case, keys) { same("keys", it, case["keys"]?.items?.map { key -> key.text }) }
                }
                else -> settle(case, { told(Engine(ruleset()), event(case["event"]!!), variables) }) { told ->
                    same("told", told, case["told"]?.items.orEmpty().map { Told(it["key"]!!.text, it["text"]!!.text) })
                }
            }
        }
    }

    private fun told(engine: Engine, event: levelkit.api.Event, variables: Map<String, String>): List<Told> =
        engine.narrate(Player("p1"), event, variables).map {
            when (it) {
                is Narration.Told -> it.told
                is Narration.Untold -> throw LevelkitException.Untold(it.why)
            }
        }
}
