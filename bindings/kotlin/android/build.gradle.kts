// The AAR for Android: `./build.sh`, which builds the native libraries first.
plugins {
    id("com.android.library") version "8.13.0"
    kotlin("android") version "2.4.20"
}

group = "io.github.levelkit"
version = "0.1.0"

repositories {
    google()
    mavenCentral()
}

android {
    namespace = "io.github.levelkit"
    compileSdk = 36
    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    sourceSets["main"].kotlin.srcDirs("../src/main/kotlin", "../src/generated/kotlin")
    sourceSets["main"].jniLibs.srcDirs("build/jniLibs")
}

kotlin { jvmToolchain(17) }

dependencies {
    api("net.java.dev.jna:jna:5.17.0@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
}
