package levelkit.tests

import java.math.BigDecimal
import java.math.BigInteger

/** A JSON value that remembers its text: vectors hand parts of themselves to the engine byte for byte. */
sealed class Json {
    abstract val raw: String

    data class Obj(val fields: Map<String, Json>, override val raw: String) : Json()

    data class Arr(val list: List<Json>, override val raw: String) : Json()

    data class Str(val string: String, override val raw: String) : Json()

    data class Num(override val raw: String) : Json()

    data class Bool(val value: Boolean) : Json() {
        override val raw get() = value.toString()
    }

    data object Null : Json() {
        override val raw get() = "null"
    }

    /** A field of an object; none if it is absent or null. */
    operator fun get(key: String): Json? = (this as Obj).fields[key].takeIf { it !is Null }

    val items: List<Json> get() = (this as Arr).list
    val text: String get() = (this as Str).string
    val yes: Boolean get() = (this as Bool).value
    val double: Double get() = raw.toDouble()

    /** A 32-bit integer, or its decimal string. */
    val int: Int get() = integer().let { if (it.bitLength() < 32) it.toInt() else throw Refused("XP_OVERFLOW") }

    /** A 64-bit integer, or its decimal string. */
    val long: Long get() = integer().let { if (it.bitLength() < 64) it.toLong() else throw Refused("XP_OVERFLOW") }

    private fun integer(): BigInteger = when {
        this is Str && digits.matches(string) -> BigInteger(string)
        this is Num -> BigDecimal(raw).toBigIntegerExact()
        else -> error("$raw is no integer")
    }

    companion object {
        private val digits = Regex("-?[0-9]+")

        fun read(text: String): Json = Reader(text).document()
    }
}

private class Reader(private val text: String) {
    private var at = 0

    fun document(): Json = value().also {
        space()
        check(at == text.length) { "text after the value at $at" }
    }

    private fun value(): Json {
        space()
        val start = at
        return when (val first = text[at]) {
            '{' -> Json.Obj(fields(), text.substring(start, at))
            '[' -> Json.Arr(list(), text.substring(start, at))
            '"' -> Json.Str(string(), text.substring(start, at))
            't' -> word("true", Json.Bool(true))
            'f' -> word("false", Json.Bool(false))
            'n' -> word("null", Json.Null)
            else -> {
                check(first == '-' || first.isDigit()) { "unexpected $first at $at" }
                while (at < text.length && text[at] in "+-.eE0123456789") at++
                Json.Num(text.substring(start, at))
            }
        }
    }

    private fun fields(): Map<String, Json> {
        val fields = LinkedHashMap<String, Json>()
        members('}') {
            val key = string()
            space()
            expect(':')
            fields[key] = value()
        }
        return fields
    }

    private fun list(): List<Json> = ArrayList<Json>().also { items -> members(']') { items.add(value()) } }

    private fun members(end: Char, member: () -> Unit) {
        at++
        space()
        if (text[at] == end) {
            at++
            return
        }
        while (true) {
            space()
            member()
            space()
            if (text[at] == end) break
            expect(',')
        }
        at++
    }

    private fun string(): String {
        expect('"')
        val out = StringBuilder()
        while (text[at] != '"') {
            val character = text[at++]
            out.append(if (character == '\\') escape() else character)
        }
        at++
        return out.toString()
    }

    private fun escape(): Char = when (val escaped = text[at++]) {
        'n' -> '\n'
        't' -> '\t'
        'r' -> '\r'
        'b' -> '\b'
        'f' -> '\u000c'
        'u' -> text.substring(at, at + 4).toInt(16).toChar().also { at += 4 }
        else -> escaped
    }

    private fun word(word: String, value: Json): Json {
        check(text.startsWith(word, at)) { "unexpected text at $at" }
        at += word.length
        return value
    }

    private fun expect(character: Char) {
        check(text[at] == character) { "expected $character at $at, found ${text[at]}" }
        at++
    }

    private fun space() {
        while (at < text.length && text[at] in " \n\r\t") at++
    }
}
