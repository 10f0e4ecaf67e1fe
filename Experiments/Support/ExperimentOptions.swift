import ArgumentParser

/// What every experiment can be told: where to start from, on what, and where its results go.
public struct ExperimentOptions: ParsableArguments {
    @Option(help: "Model directory to start from. Left out: models/minilm where it is there, else the built-in model.")
    public var model: String?
    @Option(help: "Folder of data sets. Left out: data or ../shared/data where one is there, else the built-in sets.")
    public var data: String?
    @Flag(help: "Takes the built-in model and data, whatever else is there.")
    public var builtIn = false
    @Option(help: "At most so many rows to train on.")
    public var rows: Int?
    @Option(help: "Largest learning rate. Left out: what is usual, ten times that for the built-in model.")
    public var learningRate: Double?
    @Option(help: "Seed of every random draw.")
    public var seed: UInt64 = 42
    @Option(help: "Folder for results.json and plot.svg. Left out: results/ and the experiment's name.")
    public var output: String?

    public init() {}

    public func validate() throws {
        if builtIn && (model != nil || data != nil) {
            throw ValidationError("--built-in takes the built-in model and data; leave out --model and --data")
        }
        if let rows, rows < 1 { throw ValidationError("--rows must be 1 or more, not \(rows)") }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate must be more than 0, not \(learningRate)")
        }
    }
}
