import Autodiff
import Losses

/// Draws texts, labels and embeddings that fit what a loss or an objective takes.
struct SampleMaker {
    let columnNames: [String]
    let width: Int
    let layerCount: Int
    private let labels: LabelKind?
    private let key: RandomKey

    /// - Parameters:
    ///   - columnCount: One more than the least where more are allowed, when left out.
    ///   - layerCount: Layers of embeddings that the loss sees.
    ///   - check: Says no to what the loss cannot be trained on; the first kind of labels to which it does not is taken.
    /// - Throws: What `check` throws, if it says no to all.
    init(
        _ inputs: LossInputs, columnCount: Int? = nil, width: Int, layerCount: Int, key: RandomKey,
        check: (LossSetting) throws -> Void
    ) throws {
        let columnCount = columnCount ?? inputs.columns.count + (inputs.allowsMoreColumns ? 1 : 0)
        columnNames = (0..<columnCount).map {
            $0 < inputs.columns.count ? inputs.columns[$0] : "\(inputs.columns.last ?? "text")_\($0 - inputs.columns.count + 2)"
        }
        self.width = width
        self.layerCount = layerCount
        self.key = key
        var refusal: (any Error)?
        for kind in LabelKind.fitting(inputs.labels, columnCount: columnCount, width: width) {
            do {
                try check(LossSetting(textColumns: columnNames, labels: kind?.facts, embeddingDimension: width, layerCount: 2))
                labels = kind
                return
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal!
    }

    func sample(rows: Int, number: UInt64 = 0) -> LossSample {
        let key = key.folded(with: number)
        return LossSample(
            texts: columnNames.indices.map { column in (0..<rows).map { text(row: $0, key.folded(with: UInt64(column))) } },
            labels: labels?.tensor(rows: rows, key: key.folded(with: 100)),
            layers: (0..<layerCount).map { layer in
                columnNames.indices.map { column in
                    .normal([rows, width], dtype: .float64, key: key.folded(with: UInt64(200 + 50 * layer + column)))
                }
            })
    }

    /// One to eleven words.
    private func text(row: Int, _ key: RandomKey) -> String {
        let draws = Tensor.uniform([12], dtype: .float64, key: key.folded(with: UInt64(row))).values
        return draws.prefix(1 + Int(draws[11] * 11)).map { Self.words[Int($0 * Double(Self.words.count))] }.joined(separator: " ")
    }

    static let words = """
        river stone bread garden window music winter teacher bridge candle forest paper ocean silver kitchen market village horse \
        runs sings waits falls opens turns under near old green quiet small
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}

/// Labels of one kind: what a loss is told of them, and how they are drawn.
struct LabelKind {
    private let shape: [Int]
    private let range: ClosedRange<Double>
    /// Number of different values; nil: any number.
    private let levels: Int?
    private let areIntegers: Bool

    private init(shape: [Int] = [], _ range: ClosedRange<Double>, levels: Int? = nil, areIntegers: Bool = false) {
        self.shape = shape
        self.range = range
        self.levels = levels
        self.areIntegers = areIntegers
    }

    var facts: LossSetting.Labels {
        LossSetting.Labels(shape: shape, areIntegers: areIntegers, range: range, distinctCount: shape.isEmpty ? levels ?? 5 : nil)
    }

    /// `[rows] + shape`, float64. Levels go by turns, so that small batches hold all of them.
    func tensor(rows: Int, key: RandomKey) -> Tensor {
        let draws = Tensor.uniform([rows * shape.reduce(1, *)], dtype: .float64, key: key).values
        let values = draws.enumerated().map { index, draw in
            let share = levels.map { Double(index % $0) / Double($0 - 1) } ?? draw
            return range.lowerBound + share * (range.upperBound - range.lowerBound)
        }
        return Tensor(values, shape: [rows] + shape, dtype: .float64)
    }

    private static func classes(_ count: Int) -> LabelKind {
        LabelKind(0...Double(count - 1), levels: count, areIntegers: true)
    }

    /// Kinds to try, the most telling first; nil stands for no labels.
    static func fitting(_ wanted: LossInputs.Labels, columnCount: Int, width: Int) -> [LabelKind?] {
        switch wanted {
        case .none: return [nil]
        case .optional(let inner): return fitting(inner, columnCount: columnCount, width: width) + [nil]
        case .scores: return [LabelKind(0...1, levels: 5), .classes(2), .classes(3)]
        case .scoresWithin(let range): return [LabelKind(range), .classes(2)]
        case .classes, .classesOrProbabilities: return [.classes(3), .classes(2)]
        case .teacher:
            let shapes = [
                [columnCount - 1], [], [columnCount, width], [width], [columnCount - 2], [columnCount, width / 2], [width / 2],
            ]
            return shapes.map { LabelKind(shape: $0, -1...2) }
        }
    }
}
