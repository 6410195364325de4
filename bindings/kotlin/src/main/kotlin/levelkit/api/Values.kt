package levelkit.api

import java.math.BigDecimal
import java.time.Duration

// What the generated sources ask before a value crosses: nothing of a call was handed over by then.

/** A text that UTF-8 can hold. */
internal fun whole(text: String): String {
    var index = 0
    while (index < text.length) {
        val letter = text[index++]
        if (letter.isSurrogate()) {
            val paired = letter.isHighSurrogate() && index < text.length && text[index++].isLowSurrogate()
            if (!paired) {
                // With a sign in its place, since a refusal crosses too.
                val given = text.encodeToByteArray().decodeToString()
                throw LevelkitException.InvalidArgument(given, "a text of whole characters: half a surrogate pair stands in it")
            }
        }
    }
    return text
}

/** A duration that is not negative. */
internal fun lasting(duration: Duration): Duration {
    if (duration.isNegative) throw LevelkitException.InvalidArgument("$duration", "a duration from zero on")
    return duration
}

/** The microseconds of an instant since 1970; where there are too many, as many as there can be, which Rust refuses. */
internal fun microseconds(instant: java.time.Instant): Long = try {
    // Not ChronoUnit.MICROS.between, which overflows for the year 9999.
    Math.addExact(Math.multiplyExact(instant.epochSecond, 1_000_000L), instant.nano / 1_000L)
} catch (_: ArithmeticException) {
    if (instant.epochSecond < 0) Long.MIN_VALUE else Long.MAX_VALUE
}

/** The digits of a factor, without zeros at its end; of one with thousands of them the short form, which Rust refuses. */
internal fun digits(factor: BigDecimal): String {
    val short = factor.stripTrailingZeros()
    return if (short.scale() in -64..64) short.toPlainString() else short.toString()
}
