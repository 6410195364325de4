#!/usr/bin/env bash
# Builds LevelkitFFI.xcframework beside Package.swift. Needs a Mac with Xcode, Rust, and its targets for Apple's systems:
#   rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin
set -euo pipefail
package=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$package/../../target}
for tool in cargo lipo xcodebuild; do
    command -v "$tool" > /dev/null || { echo "$tool is not installed" >&2; exit 1; }
done

# A static library of one target.
library() {
    cargo build --quiet --release --no-default-features --manifest-path "$package/../uniffi/Cargo.toml" --target-dir "$target" --target "$1" >&2
    echo "$target/$1/release/liblevelkit_uniffi.a"
}

# One library for both processors of a system.
joined() {
    mkdir -p "$target/apple/$1"
    lipo -create "$(library "$2")" "$(library "$3")" -output "$target/apple/$1/liblevelkit_uniffi.a"
    echo "$target/apple/$1/liblevelkit_uniffi.a"
}

# A static library is linked by the framework itself, so its module map names none.
headers=$target/apple/headers
rm -rf "$headers" "$package/LevelkitFFI.xcframework"
mkdir -p "$headers"
cp "$package"/Sources/LevelkitFFI/*.h "$headers"
grep -v '^ *link ' "$package/Sources/LevelkitFFI/module.modulemap" > "$headers/module.modulemap"

xcodebuild -create-xcframework \
    -library "$(library aarch64-apple-ios)" -headers "$headers" \
    -library "$(joined ios-simulator aarch64-apple-ios-sim x86_64-apple-ios)" -headers "$headers" \
    -library "$(joined macos aarch64-apple-darwin x86_64-apple-darwin)" -headers "$headers" \
    -output "$package/LevelkitFFI.xcframework"
