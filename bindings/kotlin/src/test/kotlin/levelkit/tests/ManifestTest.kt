package levelkit.tests

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element

/** The manifests for Gradle and Maven, which need the network to be run. */
class ManifestTest {
    private val folder = Vectors.root.resolve("bindings/kotlin")
    private val version =
        Regex("(?m)^version = \"(.*)\"$").find(Vectors.root.resolve("Cargo.toml").readText())!!.groupValues[1]

    private fun gradle(path: String) = folder.resolve(path).readText()

    @Test
    fun `Maven's manifest is of this version, and its folders exist`() {
        val file = folder.resolve("pom.xml")
        val pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).documentElement
        val own = { name: String -> pom.children().first { it.tagName == name }.textContent }
        assertEquals(listOf("io.github.levelkit", "levelkit", version), listOf("groupId", "artifactId", "version").map(own))
        val sources = pom.getElementsByTagName("sourceDir").let { all -> List(all.length) { all.item(it).textContent } }
        assertEquals(3, sources.size)
        sources.forEach { assertTrue(folder.resolve(it).isDirectory, it) }
    }

    @Test
    fun `Gradle's manifests are of this version, and their folders exist`() {
        for (path in listOf("build.gradle.kts", "android/build.gradle.kts")) {
            val text = gradle(path)
            assertTrue("\nversion = \"$version\"\n" in text, path)
            for ((open, close) in listOf('{' to '}', '(' to ')', '"' to '"')) {
                assertTrue(if (open == close) text.count { it == open } % 2 == 0 else text.count { it == open } == text.count { it == close })
            }
            val sources = Regex("\"([^\"]*(?:src/main/kotlin|src/generated/kotlin))\"").findAll(text).map { it.groupValues[1] }.toList()
            assertTrue(sources.isNotEmpty(), path)
            sources.forEach { assertTrue(File(folder.resolve(path).parentFile, it).isDirectory, "$path: $it") }
        }
    }

    @Test
    fun `Android takes the library's name`() {
        val name = Regex("(?m)^    namespace = \"(.*)\"$").find(gradle("android/build.gradle.kts"))!!.groupValues[1]
        assertTrue(Regex("[a-z]+([.][a-z]+)+").matches(name), "$name is no name of a package to Android, which wants a dot in it")
    }

    @Test
    fun `Gradle and Maven agree on what they need`() {
        val needed = Regex("\"((?:net|org)\\.[^\"]*):([^:\"]*):([0-9.]+)(?:@aar)?\"")
        val one = { path: String -> needed.findAll(gradle(path)).associate { it.groupValues[2] to it.groupValues[3] } }
        val (jvm, android) = one("build.gradle.kts") to one("android/build.gradle.kts")
        assertEquals(jvm["jna"], android["jna"])
        assertTrue("<version>${jvm["jna"]}</version>" in gradle("pom.xml"))
        assertTrue("<version>${jvm["kotlinx-coroutines-core"]}</version>" in gradle("pom.xml"))
        assertTrue(android["kotlinx-coroutines-android"] == jvm["kotlinx-coroutines-core"])
    }

    private fun Element.children() = childNodes.let { all -> List(all.length) { all.item(it) } }.filterIsInstance<Element>()
}
