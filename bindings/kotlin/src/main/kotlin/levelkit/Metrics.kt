package levelkit

import levelkit.api.MetricValue

/** A number as a measured value: `mapOf("steps" to 9000.metric)`. */
public val Number.metric: MetricValue
    get() = MetricValue.Number(toDouble())

/** Yes or no as a measured value: `mapOf("meditated" to true.metric)`. */
public val Boolean.metric: MetricValue
    get() = MetricValue.Boolean(this)
