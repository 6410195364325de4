// The jar for the JVM: `gradle build`. It carries the native library for the system it is built on.
plugins {
    kotlin("jvm") version "2.4.20"
    `maven-publish`
}

group = "io.github.levelkit"
version = "0.1.0"

repositories { mavenCentral() }

dependencies {
    api("net.java.dev.jna:jna:5.17.0")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
    testImplementation(kotlin("reflect"))
    testImplementation("org.junit.jupiter:junit-jupiter:5.13.4")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:1.13.4")
}

kotlin { jvmToolchain(17) }

sourceSets { main { kotlin.srcDir("src/generated/kotlin") } }

val project = rootDir.resolve("../..")
val built = System.getenv("CARGO_TARGET_DIR")?.let(project::resolve) ?: project.resolve("target")

val engine by tasks.registering(Exec::class) {
    workingDir = project
    commandLine("cargo", "build", "--release", "-p", "levelkit-uniffi")
}

tasks.processResources {
    dependsOn(engine)
    // Where JNA looks in a jar: linux-x86-64, darwin-aarch64, win32-x86-64.
    val system = System.getProperty("os.name").lowercase().let {
        if ("mac" in it) "darwin" else if ("win" in it) "win32" else "linux"
    }
    val processor = System.getProperty("os.arch").let { if (it == "amd64" || it == "x86_64") "x86-64" else it }
    from(built.resolve("release")) {
        include("*levelkit_uniffi.so", "*levelkit_uniffi.dylib", "levelkit_uniffi.dll")
        into("$system-$processor")
    }
}

tasks.test {
    useJUnitPlatform()
    systemProperty("levelkit.root", project.path)
}

publishing { publications { create<MavenPublication>("levelkit") { from(components["java"]) } } }
