// swift-tools-version: 6.0
import Foundation
import PackageDescription

// On Apple's systems the engine comes as an XCFramework, which scripts/xcframework.sh builds beside this file. Elsewhere it is
// a shared library, found where LEVELKIT_LIBRARY says or where the linker looks anyway.
#if os(macOS)
let engine: Target = .binaryTarget(name: "LevelkitFFI", path: "LevelkitFFI.xcframework")
#else
let engine: Target = .systemLibrary(name: "LevelkitFFI", path: "Sources/LevelkitFFI")
#endif

let folder = ProcessInfo.processInfo.environment["LEVELKIT_LIBRARY"]
let search: [LinkerSetting] = folder.map { [.unsafeFlags(["-L\($0)", "-Xlinker", "-rpath", "-Xlinker", $0])] } ?? []

let package = Package(
    name: "Levelkit",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Levelkit", targets: ["Levelkit"])],
    targets: [
        engine,
        .target(name: "Levelkit", dependencies: ["LevelkitFFI"], linkerSettings: search),
        .testTarget(name: "LevelkitTests", dependencies: ["Levelkit"]),
    ]
)
