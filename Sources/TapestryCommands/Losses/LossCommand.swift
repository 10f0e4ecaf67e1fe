import ArgumentParser
import Tapestry

struct LossCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loss",
        abstract: "Calculates a loss of given embeddings, and its gradients.",
        discussion: """
            A calculator for comparing with other frameworks and with one's own arithmetic. The input is JSON:

              {"embeddings": [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]]], "labels": [0.9, 0.1]}

              embeddings        [columns][rows][numbers]; for losses with two encoders, the embeddings by each
              labels            one number a row, or a list
              parameters        of the loss itself, by name: {"classifier.weight": [[…]]}; a single number that is left
                                out begins as the options say
              guide_embeddings  [columns][rows][numbers], for losses with a guide
              layers            [layers][columns][rows][numbers], the embeddings last, for losses of layers
              texts             [columns][rows], for losses that compare texts; without them all are different

            Nothing is drawn at random: Matryoshka takes every width, AdaptiveLayer every layer. Numbers are printed with all \
            of their digits; "NaN", "Infinity" and "-Infinity" stand for those that JSON cannot write.

            Examples:
              \(program) loss CoSENTLoss --input batch.json
              \(program) loss MultipleNegativesRankingLoss --options '{"scale": 5}' --input batch.json --gradients \\
                --dtype float64 --json
              \(program) loss MatryoshkaLoss --options '{"loss": "CoSENTLoss", "matryoshka_dims": [4, 2]}' --input - < batch.json
            """)

    enum Precision: String, CaseIterable, ExpressibleByArgument {
        case float32, float64

        var dtype: DType { DType(rawValue: rawValue)! }
    }

    @Argument(help: "The loss; see `\(program) losses`.") var name: String
    @Option(help: ArgumentHelp("Its options; see `\(program) losses NAME`.", valueName: "json")) var options: String?
    @Option(help: "JSON file, or - for standard input.") var input: String
    @Flag(help: "Calculates the gradients by embeddings and by the loss's parameters, too.") var gradients = false
    @Option(help: "float32, as in training, or float64.") var dtype = Precision.float32
    @Flag(help: "Prints JSON: value, components, gradients, parameter_gradients.") var json = false

    func run() throws {
        let options = try self.options.map { try JSONObject(option: "--options", $0) } ?? JSONObject()
        let loss = LossSpecification(name, options: options)
        try UsageError.forLoss { _ = try ObjectiveCatalog.loss(loss, surroundings: .example) }
        let calculation = try LossCalculation(loss, of: BatchFile(path: input, dtype: dtype.dtype), dtype: dtype.dtype)
        print(json ? calculation.json(withGradients: gradients).serialized(.compact) : calculation.table(withGradients: gradients))
    }
}
