#!/usr/bin/env bash
# Builds the AAR, in build/outputs/aar. Needs the Android SDK and NDK (ANDROID_HOME, ANDROID_NDK_HOME), Gradle, and
#   cargo install cargo-ndk
#   rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android i686-linux-android
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${ANDROID_NDK_HOME:?names the folder of the NDK}"
for tool in cargo gradle; do
    command -v "$tool" > /dev/null || { echo "$tool is not installed" >&2; exit 1; }
done
jni=$PWD/build/jniLibs
rm -rf "$jni"
(cd ../../.. && cargo ndk --target arm64-v8a --target armeabi-v7a --target x86_64 --target x86 --platform 26 \
    --output-dir "$jni" build --release --no-default-features -p levelkit-uniffi)
exec gradle assembleRelease
