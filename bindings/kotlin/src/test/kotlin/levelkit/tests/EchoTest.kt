package levelkit.tests

import java.math.BigDecimal
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.util.Random
import kotlin.reflect.KClass
import kotlin.reflect.KParameter
import kotlin.reflect.KType
import kotlin.reflect.full.primaryConstructor
import levelkit.Echo
import levelkit.api.LevelkitException
import levelkit.api.MetricValue
import levelkit.echo
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Every type that crosses, sent and received again: as it was, down to NaN and -0. */
class EchoTest {
    /** Values of any type of the binding, made of edge values; the same in every run. */
    private class Sampler(seed: Long) {
        private val random = Random(seed)
        private val longs = listOf(Long.MIN_VALUE, -1, 0, 1, 9_007_199_254_740_993, Long.MAX_VALUE)
        private val doubles =
            listOf(0.0, -0.0, 1.5, -1e300, 5e-324, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)
        private val texts = listOf("", "a", "\u0000", "Ünï ✓ \uD83D\uDE00 \uFFFF", "x".repeat(100_000))
        private val factors = listOf("0", "1", "1.1", "0.000001", "9223372036854.775807")

        private fun <T> oneOf(values: List<T>): T = values[random.nextInt(values.size)]

        fun of(type: KClass<*>, depth: Int = 0): Any = when {
            type.objectInstance != null -> type.objectInstance!!
            type.isSealed -> of(oneOf(type.sealedSubclasses.filter { depth < 4 || flat(it) }), depth)
            type.java.isEnum -> oneOf(type.java.enumConstants.toList())
            else -> type.primaryConstructor!!.let { make -> make.call(*make.parameters.map { of(it, depth) }.toTypedArray()) }
        }

        private fun of(parameter: KParameter, depth: Int): Any? = when {
            parameter.type.isMarkedNullable && random.nextInt(3) == 0 -> null
            // An alias leaves no trace in the type: hashes are texts of a form of their own.
            parameter.name in setOf("hash", "eventHash", "head") && parameter.type.classifier == String::class -> hash()
            else -> of(parameter.type, depth)
        }

        fun of(type: KType, depth: Int): Any = when (val kind = type.classifier as KClass<*>) {
            String::class -> oneOf(texts)
            Boolean::class -> random.nextBoolean()
            Int::class -> oneOf(listOf(Int.MIN_VALUE, -1, 0, 1, Int.MAX_VALUE))
            Long::class -> oneOf(longs)
            UInt::class -> oneOf(listOf(0u, UInt.MAX_VALUE))
            ULong::class -> oneOf(listOf(0uL, ULong.MAX_VALUE))
            Double::class -> oneOf(doubles)
            Duration::class -> oneOf(listOf(Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(10_000)))
            Instant::class -> instantOf(oneOf(INSTANTS))
            LocalDate::class -> LocalDate.parse(oneOf(DAYS))
            BigDecimal::class -> BigDecimal(oneOf(factors))
            List::class -> List(if (depth > 4) 0 else random.nextInt(4)) { of(type.arguments[0].type!!, depth + 1) }
            Map::class -> (0 until if (depth > 4) 0 else random.nextInt(4)).associate { oneOf(texts) + it to of(type.arguments[1].type!!, depth + 1) }
            else -> of(kind, depth + 1)
        }

        fun hash(): String = List(64) { "0123456789abcdef"[random.nextInt(16)] }.joinToString("")

        private fun flat(type: KClass<*>) =
            type.primaryConstructor?.parameters.orEmpty().none { it.type.toString().contains("Explanation") }
    }

    @Test
    fun `every type crosses unharmed`() {
        val types = Echo::class.sealedSubclasses
        assertTrue(types.size > 70, "${types.size} types")
        for (type in types) {
            val sampler = Sampler(type.simpleName!!.hashCode().toLong())
            repeat(60) {
                val sent = if (type == Echo.EventHash::class) Echo.EventHash(sampler.hash()) else sampler.of(type) as Echo
                assertEquals(sent, echo(sent))
            }
        }
    }

    @Test
    fun `every case of every enum crosses`() {
        var cases = 0
        for (type in Echo::class.sealedSubclasses) {
            val make = type.primaryConstructor!!
            val kind = make.parameters.single().type.classifier as KClass<*>
            val all = if (kind.java.isEnum) kind.java.enumConstants.toList() else kind.sealedSubclasses.map { Sampler(1).of(it) }
            for (case in all) {
                val sent = make.call(case)
                assertEquals(sent, echo(sent))
                cases++
            }
        }
        assertTrue(cases > 150, "$cases cases")
    }

    @Test
    fun `instants are exact to the microsecond from year 1 to 9999`() {
        for (text in INSTANTS) {
            assertEquals(Echo.Instant(instantOf(text)), echo(Echo.Instant(instantOf(text))))
            assertEquals(text, levelkit.instantToText(instantOf(text)))
            assertEquals(instantOf(text), levelkit.instantFromText(text))
        }
        // Nanoseconds are below what crosses.
        val finer = Instant.parse("2026-03-01T09:00:00.123456789Z")
        assertEquals(Echo.Instant(Instant.parse("2026-03-01T09:00:00.123456Z")), echo(Echo.Instant(finer)))
    }

    @Test
    fun `a lone surrogate is an error and no crash`() {
        assertThrows(LevelkitException.InvalidArgument::class.java) { echo(Echo.Told(levelkit.api.Told("\uD800", ""))) }
        assertEquals(Echo.MetricValue(MetricValue.Boolean(true)), echo(Echo.MetricValue(true.let { MetricValue.Boolean(it) })))
    }

    private companion object {
        val INSTANTS = listOf(
            "0001-01-01T00:00:00.000000Z",
            "1582-10-15T12:00:00.500000Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00.000000Z",
            "2024-02-29T12:34:56.789012Z",
            "9999-12-31T23:59:59.999999Z",
        )
        val DAYS = listOf("0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31")

        fun instantOf(text: String): Instant = Instant.parse(text)
    }
}
