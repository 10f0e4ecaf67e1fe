import ArgumentParser
import Tapestry

struct Products: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm", abstract: "Matrix products of the shapes that a small BERT has, on one thread and on all.")

    func run() throws {
        var table = TextTable("product", "one thread", "all threads", "unit")
        let all = Parallel.threadCount
        defer { Parallel.threadCount = all }
        for tokens in [200, 450, 1800] {
            for (input, output) in [(384, 384), (384, 1536), (1536, 384)] {
                let x = Tensor.normal([tokens, input], key: RandomKey(1)), w = Tensor.normal([output, input], key: RandomKey(2))
                let speeds = [1, all].map { count in
                    Parallel.threadCount = count
                    return 2 * Double(tokens * input * output) / best { _ = x.matmul(w, transposingB: true) } / 1e9
                }
                table.addRow(
                    "[\(tokens), \(input)] x [\(output), \(input)]ᵀ", NumberFormat.fixed(speeds[0], places: 1),
                    NumberFormat.fixed(speeds[1], places: 1), "GFLOP/s")
            }
        }
        print(table)
    }
}
