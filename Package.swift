// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Tapestry",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Tapestry", targets: ["Tapestry"]),
        .executable(name: "tapestry", targets: ["tapestry-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "5.0.1"),
    ],
    targets: [
        // The floors, from the ground up; imports go down only.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "Autodiff", dependencies: ["CKernels", "COpenBLAS"]),
    ],
    swiftLanguageModes: [.v6]
)
