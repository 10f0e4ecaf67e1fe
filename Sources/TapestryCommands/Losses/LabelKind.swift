import ArgumentParser
import Tapestry

/// What a label column holds, as far as the choice of a loss goes.
enum LabelKind: String, CaseIterable, ExpressibleByArgument {
    case none, `class`, score, vector

    /// A dataset with such columns and labels.
    ///
    /// - Returns: Several where lists of several shapes are meant.
    func settings(columns: [String], label: String) -> [LossSetting] {
        let width = 8, candidates = columns.count - 1
        let labels: [LossSetting.Labels?] =
            switch self {
            case .none: [nil]
            case .class: [LossSetting.Labels(name: label, areIntegers: true, range: 0...1, distinctCount: 2)]
            case .score: [LossSetting.Labels(name: label, areIntegers: false, range: 0...1, distinctCount: 2)]
            case .vector:
                [[width], [columns.count, width], [candidates], [candidates - 1]].filter { $0.last! > 1 }.map {
                    LossSetting.Labels(name: label, shape: $0, areIntegers: false, range: 0...1, distinctCount: nil)
                }
            }
        return labels.map { LossSetting(textColumns: columns, labels: $0, embeddingDimension: width, layerCount: 2) }
    }
}
