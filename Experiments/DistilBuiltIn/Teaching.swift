import Foundation
import Tapestry

/// A teacher's embeddings of many texts, kept in files: what has been computed once is read the next time.
struct Teaching {
    private static let partSize = 4_096
    private let teacher: SentenceTransformer
    private let folder: URL

    init(_ teacher: SentenceTransformer, folder: URL) throws {
        self.teacher = teacher
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// - Returns: `[M, N]`, rows of unit length.
    func embeddings(of texts: [String]) throws -> Tensor {
        let bar = ProgressBar("The teacher reads", total: texts.count, unit: "texts")
        defer { bar.finish() }
        return .concatenating(
            try stride(from: 0, to: texts.count, by: Self.partSize).map { start in
                let part = Array(texts[start..<min(start + Self.partSize, texts.count)])
                let file = folder.appendingPathComponent("\(String(checksum(part), radix: 16)).npy")
                if !FileManager.default.fileExists(atPath: file.path) {
                    let vectors = teacher.encode(part, batchSize: 64, normalizesEmbeddings: true) {
                        bar.update(completed: start + $0)
                    }
                    try NumpyFile.write(vectors, to: file)
                }
                let saved = try NumpyFile(contentsOf: file)
                return Tensor(scalars: try saved.values(as: Float.self), shape: saved.shape)
            })
    }

    /// Fowler, Noll and Vo's, of all texts in their order.
    private func checksum(_ texts: [String]) -> UInt64 {
        texts.reduce(14_695_981_039_346_656_037) { sum, text in
            text.utf8.reduce(sum) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 } &* 31
        }
    }
}
