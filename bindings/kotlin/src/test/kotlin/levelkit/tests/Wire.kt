package levelkit.tests

import java.math.BigDecimal
import java.time.Instant
import java.time.LocalDate
import levelkit.api.Command
import levelkit.api.Event
import levelkit.api.GrantSource
import levelkit.api.LevelkitException
import levelkit.api.MetricValue
import levelkit.api.Metrics
import levelkit.api.ModifierType
import levelkit.api.Multiplier
import levelkit.api.Source
import levelkit.api.Stat
import levelkit.api.Step
import levelkit.dayFromText
import levelkit.instantFromText
import levelkit.instantToText

/** The label of an enum that the vectors name. */
inline fun <reified E : Enum<E>> label(json: Json): E = enumValues<E>().first { it.toString() == json.text }

/** An instant's text, or the code that the vectors expect for one that is none. */
fun instant(json: Json): Instant = try {
    instantFromText(json.text)
} catch (_: LevelkitException.InvalidArgument) {
    throw Refused("INVALID_INSTANT")
}

fun day(json: Json): LocalDate = dayFromText(json.text)

private val multiplierText = Regex("[0-9]+(\\.[0-9]{1,6})?")

/** A multiplier: a number, which means its shortest form, or its text. */
fun multiplier(json: Json): Multiplier = when {
    json is Json.Str && multiplierText.matches(json.text) -> BigDecimal(json.text)
    json is Json.Num && json.double.isFinite() -> BigDecimal.valueOf(json.double).stripTrailingZeros()
    else -> throw Refused("INVALID_MULTIPLIER")
}

fun metrics(json: Json): Metrics = (json as Json.Obj).fields.mapValues { (_, value) ->
    when (value) {
        is Json.Bool -> MetricValue.Boolean(value.yes)
        is Json.Num -> MetricValue.Number(value.double)
        else -> throw Refused("INVALID_METRIC")
    }
}

/** A command as the vectors write one, as the binding takes one. */
fun command(json: Json): Command {
    fun text(key: String) = json[key]!!.text
    return when (val verb = text("do")) {
        "report" -> Command.Report(
            day = json["day"]?.let(::day),
            observedAt = json["observed_at"]?.let(::instant),
            metrics = metrics(json["metrics"]!!),
            specials = json["specials"]?.items.orEmpty().map { it.text },
        )
        "advance" -> Command.Advance
        "start_boss" -> Command.StartBoss(text("boss"))
        "abandon_boss" -> Command.AbandonBoss
        "enter_dungeon" -> Command.EnterDungeon(text("dungeon"))
        "report_dungeon" -> Command.ReportDungeon(json["observed_at"]?.let(::instant), metrics(json["metrics"]!!))
        "forfeit_dungeon" -> Command.ForfeitDungeon
        "equip_title" -> Command.EquipTitle(json["title"]?.text)
        "adjust_xp" -> Command.AdjustXp(text("id"), json["amount"]!!.long, text("reason"))
        "set_timezone" -> Command.SetTimezone(text("timezone"))
        "join_season" -> Command.JoinSeason(text("season"))
        "grant_xp" -> Command.GrantXp(
            id = text("id"),
            source = GrantSource.entries.first { it.name == text("source") },
            amount = json["amount"]!!.long,
            sourceId = json["source_id"]?.text,
            reason = text("reason"),
        )
        else -> error("unknown command $verb")
    }
}

fun step(json: Json): Step = Step(
    order = json["order"]!!.int,
    modifier = label<ModifierType>(json["type"]!!),
    multiplier = multiplier(json["multiplier"]!!),
    reason = json["reason"]!!.text,
    xpBefore = json["xp_before"]!!.int,
    xpAfter = json["xp_after"]!!.int,
)

/** An event as the vectors write one, as the binding takes one. */
fun event(json: Json): Event {
    fun text(key: String) = json[key]!!.text
    fun int(key: String) = json[key]!!.int
    fun on() = day(json["day"]!!)
    return when (val name = text("event")) {
        "DAY_OPENED" -> Event.DayOpened(on(), int("core_total"))
        "QUEST_COMPLETED" -> Event.QuestCompleted(text("quest"), on())
        "QUEST_FAILED" -> Event.QuestFailed(text("quest"), on())
        "QUEST_EXPIRED" -> Event.QuestExpired(text("quest"), on())
        "PARTIAL_REWARD" -> Event.PartialReward(text("quest"), on(), int("xp"))
        "XP_AWARDED" -> Event.XpAwarded(
            source = label<Source>(json["source"]!!),
            baseXp = int("base_xp"),
            finalXp = int("final_xp"),
            totalXpBefore = json["total_xp_before"]!!.long,
            totalXpAfter = json["total_xp_after"]!!.long,
            steps = json["steps"]!!.items.map(::step),
        )
        "LEVEL_UP" -> Event.LevelUp(int("level_before"), int("level_after"))
        "LEVEL_DOWN" -> Event.LevelDown(int("level_before"), int("level_after"))
        "STAT_RAISED" -> Event.StatRaised(label<Stat>(json["stat"]!!), int("value"))
        "DAY_CLOSED" -> Event.DayClosed(
            day = on(),
            coreCompleted = int("core_completed"),
            coreTotal = int("core_total"),
            missed = int("missed"),
            allCompleted = json["all_completed"]!!.yes,
            debuffTriggered = json["debuff_triggered"]!!.yes,
        )
        "STREAK_EXTENDED" -> Event.StreakExtended(int("current_streak"))
        "STREAK_BROKEN" -> Event.StreakBroken(int("previous_streak"))
        "DEBUFF_STARTED" -> Event.DebuffStarted(instant(json["until"]!!))
        "TITLE_EARNED" -> Event.TitleEarned(text("title"))
        "TITLE_REVOKED" -> Event.TitleRevoked(text("title"))
        "TITLE_EQUIPPED" -> Event.TitleEquipped(json["title"]?.text)
        "BOSS_STARTED" -> Event.BossStarted(text("boss"), int("phase"))
        "BOSS_PHASE_CLEARED" -> Event.BossPhaseCleared(text("boss"), int("phase"))
        "BOSS_PHASE_RESTARTED" -> Event.BossPhaseRestarted(text("boss"), int("phase"))
        "BOSS_VICTORY" -> Event.BossVictory(text("boss"), int("phase"))
        "BOSS_LOST" -> Event.BossLost(text("boss"), int("phase"))
        "BOSS_ABANDONED" -> Event.BossAbandoned(text("boss"), int("phase"))
        "DUNGEON_ENTERED" -> Event.DungeonEntered(text("dungeon"))
        "DUNGEON_CLEARED" -> Event.DungeonCleared(text("dungeon"))
        "DUNGEON_FAILED" -> Event.DungeonFailed(text("dungeon"))
        "DUNGEON_TIMED_OUT" -> Event.DungeonTimedOut(text("dungeon"))
        "SEASON_JOINED" -> Event.SeasonJoined(text("season"))
        else -> error("unknown event $name")
    }
}

/** What the binding gave, as the vectors write it: nested maps, lists, texts, numbers, booleans and null. */
fun wire(value: Any?): Any? = when (value) {
    null, is String, is Boolean, is Number -> if (value is BigDecimal) value.toPlainString() else value
    is Instant -> instantToText(value)
    is LocalDate -> value.toString()
    is Enum<*> -> value.toString()
    is List<*> -> value.map(::wire)
    is Event -> fields(value) + ("event" to snake(value.javaClass.simpleName).uppercase())
    is Step -> (fields(value) - "modifier") + ("type" to value.modifier.toString())
    else -> error("no wire form of ${value.javaClass}")
}

private fun fields(value: Any): Map<String, Any?> =
    value.javaClass.declaredFields.filterNot { java.lang.reflect.Modifier.isStatic(it.modifiers) }.associate {
        it.isAccessible = true
        snake(it.name) to wire(it.get(value))
    }

private fun snake(name: String) = name.replace(Regex("(?<=.)([A-Z])"), "_$1").lowercase()

/** Whether `found` has every field that `expected` pins; integers may be numbers or decimal strings. The difference, if any. */
fun difference(path: String, found: Any?, expected: Json): String? = when {
    expected is Json.Obj && found is Map<*, *> ->
        expected.fields.firstNotNullOfOrNull { (key, pinned) -> difference("$path.$key", found[key], pinned) }
    expected is Json.Arr && found is List<*> && expected.items.size == found.size ->
        expected.items.indices.firstNotNullOfOrNull { difference("$path[$it]", found[it], expected.items[it]) }
    same(found, expected) -> null
    else -> "$path: expected ${expected.raw}, got $found"
}

private fun same(found: Any?, expected: Json): Boolean = when (expected) {
    is Json.Null -> found == null
    is Json.Bool -> found == expected.yes
    is Json.Str -> (found is String || found is Number) && found.toString() == expected.text
    is Json.Num -> (found is String || found is Number) && found.toString() == number(expected.raw)
    else -> false
}

private fun number(raw: String) = if (raw.any { it in ".eE" }) raw.toDouble().toString() else raw
