package levelkit.tests

import levelkit.api.Explanation
import levelkit.api.RequirementState
import org.junit.jupiter.api.Test

/** Whether an explanation's requirement holds. */
fun stateOf(explanation: Explanation): RequirementState = when (explanation) {
    is Explanation.Numeric -> explanation.state
    is Explanation.Boolean -> explanation.state
    is Explanation.Between -> explanation.state
    is Explanation.Not -> explanation.state
    is Explanation.Compound -> explanation.state
}

/** Every conformance vector, in Kotlin. */
class VectorsTest {
    @Test
    fun `vectors pass on core`() = run("core", ::Memory)

    @Test
    fun `vectors pass on sqlite`() = run("sqlite", ::Stored)

    private fun run(target: String, begin: (levelkit.Ruleset, String, String?) -> Target) {
        val tally = Tally()
        Vectors.runPure(tally)
        Scenarios(begin).run(tally)
        tally.report(target)
    }
}
