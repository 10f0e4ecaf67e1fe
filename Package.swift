// swift-tools-version: 6.0
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "Tapestry",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Tapestry", targets: ["Tapestry"]),
        .library(name: "TapestryCommands", targets: ["TapestryCommands"]),
        .executable(name: "tapestry", targets: ["tapestry-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "5.0.1"),
    ],
    targets: [
        // The floors of the house, from the ground up. Imports go down only.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "Requirements"),
        .target(name: "Digests", dependencies: ["CKernels"]),
        .target(name: "Autodiff", dependencies: ["CKernels", "COpenBLAS", "Requirements"]),
        .target(name: "Layers", dependencies: ["Autodiff", "Requirements"]),
        .target(name: "JSON", dependencies: ["Requirements"]),
        .target(name: "YAML", dependencies: ["JSON", "Requirements", "Yams"]),
        .target(name: "Options", dependencies: ["JSON", "Requirements"]),
        .target(name: "Optimizers", dependencies: ["Autodiff", "JSON", "Layers", "Options", "Requirements"]),
        .target(name: "Tokenizers", dependencies: ["JSON", "Requirements"]),
        // Codecs and SQLite come as the system has them.
        .target(
            name: "CCodecs",
            linkerSettings: ["z", "zstd", "snappy", "lz4", "brotlidec", "sqlite3"].map { .linkedLibrary($0) }),
        .target(name: "Tables", dependencies: ["CCodecs", "JSON", "Requirements"]),
        .target(name: "CImages", linkerSettings: ["png", "jpeg"].map { .linkedLibrary($0) }),
        .target(name: "Images", dependencies: ["CImages", "Requirements"]),
        .target(name: "Hub", dependencies: ["Digests", "JSON", "Requirements", "Tables", "YAML"]),
        .target(name: "Sampling", dependencies: ["JSON", "Requirements", "Tables"]),
        .target(name: "SampleData", dependencies: ["Requirements", "Tables"]),
        .target(name: "ModelFiles", dependencies: ["Autodiff", "CCodecs", "JSON", "Layers", "Requirements"]),
        .target(name: "Encoders", dependencies: ["Autodiff", "JSON", "Layers", "ModelFiles", "Options", "Requirements"]),
        .target(
            name: "SentenceEmbeddings",
            dependencies: [
                "Autodiff", "Encoders", "Hub", "Images", "JSON", "Layers", "ModelFiles", "Requirements", "Tables", "Tokenizers",
            ]),
        .target(name: "Losses", dependencies: ["Autodiff", "JSON", "Layers", "ModelFiles", "Options", "Requirements"]),
        .target(
            name: "Training",
            dependencies: [
                "Autodiff", "Digests", "JSON", "Layers", "Losses", "ModelFiles", "Optimizers", "Options", "Requirements", "Sampling",
                "Tables",
            ]),
        .target(
            name: "Evaluation",
            dependencies: [
                "Autodiff", "Hub", "JSON", "Losses", "Requirements", "SentenceEmbeddings", "Tables", "Training",
            ]),
        .target(
            name: "Reporting",
            dependencies: [
                "Autodiff", "Hub", "JSON", "Losses", "Requirements", "SentenceEmbeddings", "Tables", "Training", "YAML",
            ]),
        .target(
            name: "SentenceTraining",
            dependencies: [
                "Autodiff", "Encoders", "Hub", "JSON", "Layers", "Losses", "ModelFiles", "Optimizers", "Options", "Reporting",
                "Requirements", "Sampling",
                "SentenceEmbeddings", "Tables", "Tokenizers", "Training",
            ]),
        .target(
            name: "LossLaws",
            dependencies: [
                "Autodiff", "Encoders", "Layers", "Losses", "ModelFiles", "Optimizers", "Requirements", "SentenceEmbeddings",
                "SentenceTraining",
                "Tokenizers", "Training",
            ]),
        .target(
            name: "Tapestry",
            dependencies: [
                "Autodiff", "Digests", "Encoders", "Evaluation", "Hub", "Images", "JSON", "Layers", "LossLaws", "Losses", "ModelFiles",
                "Optimizers", "Options",
                "Reporting", "Requirements", "SampleData", "Sampling", "SentenceEmbeddings", "SentenceTraining", "Tables",
                "Tokenizers", "Training",
            ], resources: [.copy("BuiltInModel")]),
        .target(name: "TapestryCommands", dependencies: ["Tapestry", "YAML", "Yams", argumentParser]),
        .executableTarget(name: "tapestry-cli", dependencies: ["TapestryCommands"]),

        // Experiments: one executable each, over what they share.
        .target(name: "ExperimentSupport", dependencies: ["Tapestry", argumentParser], path: "Experiments/Support"),
        experiment("BuiltInData"),
        experiment("MainExample"),
        experiment("SevenDatasets"),
        experiment("TrainSTS"),
        experiment("TrainNLI"),
        experiment("TrainFromScratch"),
        experiment("OwnLoss", ["TapestryCommands"]),
        experiment("MatryoshkaSTS"),
        experiment("LayersSTS"),
        experiment("CachedBatches"),
        experiment("GISTGuide"),
        experiment("ClassifyNLI"),
        experiment("QuestionTypes"),
        experiment("Unsupervised"),
        experiment("DistilModel"),
        experiment("MarginMSE"),
        experiment("DistilBuiltIn"),
        experiment("Benchmarks"),
        experiment("Fuzz", ["TapestryCommands", argumentParser]),
        experiment("Notebooks", ["Tapestry", argumentParser]),

        // Tests, by the names of what they test.
        .target(name: "FaultySystem", path: "Tests/FaultySystem"),
        .executableTarget(name: "InterruptedRun", dependencies: ["FaultySystem", "Tapestry"], path: "Tests/InterruptedRun"),
        .executableTarget(name: "HubServer", dependencies: ["Hub", "JSON", "Requirements"], path: "Tests/HubServer"),
        tests("AutodiffTests", ["Autodiff", "CKernels", "ModelFiles", "Requirements"]),
        tests("LayersTests", ["Autodiff", "Layers"]),
        tests("OptimizersTests", ["Autodiff", "JSON", "Layers", "ModelFiles", "Optimizers", "Options"]),
        tests("JSONTests", ["JSON"]),
        tests("OptionsTests", ["JSON", "Options"]),
        tests("TokenizersTests", ["JSON", "Tokenizers"]),
        tests("TablesTests", ["JSON", "Tables"]),
        tests("ImagesTests", ["Images", "ModelFiles"]),
        tests("DigestsTests", ["CKernels", "Digests"]),
        tests("HubTests", ["Hub", "HubServer", "JSON", "Requirements", "Tables", "YAML"]),
        tests("HubModelTests", ["HubServer", "JSON", "Requirements", "Tapestry", "YAML"]),
        tests("SamplingTests", ["Sampling", "Tables"]),
        tests("SampleDataTests", ["SampleData", "Tables"]),
        tests("ModelFilesTests", ["Autodiff", "JSON", "ModelFiles"]),
        tests("EncodersTests", ["Autodiff", "Encoders", "JSON", "Layers", "ModelFiles", "Optimizers"]),
        tests(
            "CLIPTests",
            ["Autodiff", "Encoders", "Images", "JSON", "Layers", "ModelFiles", "SentenceEmbeddings", "Tokenizers"]),
        tests("SentenceEmbeddingsTests", ["Tapestry"]),
        tests("SearchTests", ["Autodiff", "ModelFiles", "SentenceEmbeddings", "Tables"]),
        tests("LossesTests", ["Autodiff", "JSON", "Layers", "Losses", "ModelFiles", "Options"]),
        tests("LossLawsTests", ["Tapestry"]),
        tests("EvaluationTests", ["Tapestry"]),
        tests("TrainingTests", ["Tapestry", "InterruptedRun"]),
        tests("ReportingTests", ["Reporting"]),
        tests("CommandLineTests", ["HubServer", "Tapestry", "tapestry-cli", "OwnLoss"]),
        tests("GuideTests", ["JSON", "Notebooks"]),
        tests("ExperimentsTests", ["ExperimentSupport", "Fuzz", "Tapestry", argumentParser]),
    ],
    swiftLanguageModes: [.v6]
)

// The compiler inlines across modules, and lays structures out by those of modules far below: a module has to be compiled again
// when any of these has changed. The package manager looks only at the dependencies that are listed, so all are. A target
// stands after those that it depends on.
var below: [String: [String]] = [:]
for target in package.targets {
    let listed = target.dependencies.compactMap { if case .byNameItem(let name, _) = $0 { name } else { nil } }
    let others = Set(listed.flatMap { below[$0] ?? [] }).subtracting(listed)
    target.dependencies += others.sorted().map { .byName(name: $0) }
    below[target.name] = listed + others
}

/// An executable under `Experiments/` that uses the whole library.
func experiment(
    _ name: String, _ dependencies: [Target.Dependency] = ["Tapestry", "ExperimentSupport", argumentParser]
) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Experiments/\(name)", exclude: ["README.md"])
}

/// Tests in a folder of their own; fixtures are read from `Tests/Fixtures` where they lie.
func tests(_ name: String, _ targets: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: targets)
}
