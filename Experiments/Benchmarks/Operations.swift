import ArgumentParser
import Tapestry

struct Operations: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Overhead of a small operation, losses on embeddings, one AdamW update; forward and backward.")

    func run() throws {
        var table = TextTable("what", "time", "unit")
        table.addRow("operation of a 300-operation chain on 16 floats", NumberFormat.fixed(overhead(), places: 3), "µs")
        for rows in [64, 1024, 4096] {
            let columns = [1, 2].map { Tensor.normal([rows, 384], key: RandomKey($0)) }
            let ranking = best(of: 5) { _ = valueAndGradients(at: columns) { MultipleNegativesRankingLoss().value(of: $0) } }
            table.addRow("MultipleNegativesRankingLoss, \(rows) x 384", NumberFormat.fixed(ranking * 1e3, places: 3), "ms")
            guard rows <= 1024 else { continue }
            let labels = Tensor.uniform([rows], key: RandomKey(3))
            let ordering = best(of: 5) { _ = valueAndGradients(at: columns) { CoSENTLoss()($0, labels: labels) } }
            table.addRow("CoSENTLoss, \(rows) x 384", NumberFormat.fixed(ordering * 1e3, places: 3), "ms")
        }
        let square = Tensor.normal([512, 512], key: RandomKey(4))
        table.addRow("topK(10), 512 x 512", NumberFormat.fixed(best { _ = square.topK(10) } * 1e3, places: 3), "ms")
        table.addRow("sorted, 512 x 512", NumberFormat.fixed(best { _ = square.sorted() } * 1e3, places: 3), "ms")
        table.addRow("AdamW, 22.7 million parameters", NumberFormat.fixed(update() * 1e3, places: 2), "ms")
        print(table)
    }

    /// Microseconds of one operation, forward and backward: tanh(1.01 y + 0.1) a hundred times over.
    private func overhead() -> Double {
        let start = Tensor.normal([16], key: RandomKey(1))
        let repetitions = 100
        return best {
            for _ in 0..<repetitions {
                _ = gradient(at: start) { x in (0..<100).reduce(x) { y, _ in (y * 1.01 + 0.1).tanh() }.sum() }
            }
        } / Double(repetitions * 300) * 1e6
    }

    private func update() -> Double {
        let parameters = (0..<4).map { Parameter(.normal([22_700_000 / 4], key: RandomKey(UInt64($0)))) }
        let gradients = Gradients(parameters, parameters.map { .dense($0.value * 0.1) })
        let named = parameters.enumerated().map { NamedParameter(name: "p\($0)", parameter: $1) }
        let optimizer = Optimizer(AdamW(), parameters: named)
        return best { optimizer.step(gradients, learningRate: 1e-5, gradientNorm: 1) }
    }
}
