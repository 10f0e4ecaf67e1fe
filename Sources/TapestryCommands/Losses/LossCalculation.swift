import Tapestry

/// A loss of given embeddings, and its gradients.
struct LossCalculation {
    let value: Double
    let components: [(name: String, value: Double)]
    /// By the embeddings of each column: `[B, D]`.
    let gradients: [Tensor]
    /// By the embeddings of each layer, for losses of layers.
    let layerGradients: [[Tensor]]
    /// By the loss's own parameters.
    let parameterGradients: [(name: String, value: Tensor)]

    /// - Throws: `LossInputError` or `BatchFileError` for a batch or options that the loss cannot work with.
    init(_ specification: LossSpecification, of file: BatchFile, dtype: DType) throws {
        let loss = try ObjectiveCatalog.loss(specification, surroundings: Self.surroundings(file))
        try Self.check(loss, fits: file)
        try Self.setParameters(of: loss, from: file, dtype)

        let layers = (loss.needsEveryLayer ? file.layers : [file.embeddings]).map { $0.map { Parameter($0) } }
        let parameters = loss.parameters
        let (labels, sides) = (file.labels?.tensor(.float64), loss.sideInputs(for: file.texts))
        var found: LossValue?
        let (total, gradients) = valueAndGradients(of: layers.joined() + parameters.map(\.parameter)) {
            let values = layers.map { $0.map(\.value) }
            let value = loss(LossBatch(values.last!, labels: labels, sides: sides, layers: loss.needsEveryLayer ? values : []))
            found = value
            return value.total
        }
        func gradient(_ parameter: Parameter) -> Tensor {
            gradients[parameter]?.tensor ?? .zeros(parameter.shape, dtype: parameter.value.dtype)
        }
        value = total.item
        components = found!.namedComponents
        self.gradients = layers.last!.map(gradient)
        layerGradients = loss.needsEveryLayer ? layers.map { $0.map(gradient) } : []
        parameterGradients = parameters.map { ($0.name, gradient($0.parameter)) }
    }

    private static func surroundings(_ file: BatchFile) -> LossSurroundings {
        LossSurroundings(embeddingDimension: file.width, classCount: { _ in file.labels?.classCount }) { _ in
            guard let guide = file.guide else {
                throw BatchFileError(file: file.path, key: "guide_embeddings", problem: "is missing; expected [columns][rows][numbers]")
            }
            return GivenGuide(texts: file.texts, embeddings: guide)
        }
    }

    private static func check(_ loss: any Loss, fits file: BatchFile) throws {
        let labels = file.labels.map { labels in
            let numbers = labels.values.filter { !$0.isNaN }
            return LossSetting.Labels(
                name: "labels", shape: Array(labels.shape.dropFirst()),
                areIntegers: labels.values.allSatisfy { $0.isFinite && $0 == $0.rounded() },
                range: (numbers.min() ?? 0)...(numbers.max() ?? 0), distinctCount: nil)
        }
        do {
            try loss.validate(
                LossSetting(
                    textColumns: file.embeddings.indices.map { "embeddings[\($0)]" }, labels: labels, embeddingDimension: file.width,
                    layerCount: max(1, file.layers.count - 1)))
        } catch {
            throw BatchFileError(file: file.path, key: nil, problem: "\(error)")
        }
        if file.rowCount < loss.inputs.minimumRows {
            throw BatchFileError(
                file: file.path, key: "embeddings",
                problem: "\(loss.name) takes batches of \(loss.inputs.minimumRows) rows or more, found \(file.rowCount)")
        }
        if loss.needsEveryLayer && file.layers.isEmpty {
            throw BatchFileError(file: file.path, key: "layers", problem: "is missing; expected [layers][columns][rows][numbers]")
        }
    }

    private static func setParameters(of loss: any Loss, from file: BatchFile, _ dtype: DType) throws {
        let own = loss.parameters
        let names = own.isEmpty ? "none" : own.map(\.name).joined(separator: ", ")
        func wrong(_ name: String, _ problem: String) -> BatchFileError {
            BatchFileError(file: file.path, key: "parameters.\(name)", problem: problem)
        }
        if let (name, _) = file.parameters.first(where: { given in !own.contains { $0.name == given.name } }) {
            throw wrong(name, "\(loss.name) has no such parameter; it has \(names)")
        }
        for (name, parameter) in own.map({ ($0.name, $0.parameter) }) {
            guard let value = file.parameters.first(where: { $0.name == name })?.value else {
                // What is drawn has to be given; a number of one's own begins at a value that options give.
                if parameter.shape.isEmpty {
                    parameter.value = parameter.value.cast(to: dtype)
                    continue
                }
                throw wrong(name, "is missing; numbers of shape \(parameter.shape) were expected")
            }
            guard value.shape == parameter.shape else { throw wrong(name, "has shape \(value.shape), expected \(parameter.shape)") }
            parameter.value = value
        }
    }
}

/// Knows some texts, and has been told their embeddings.
private struct GivenGuide: Guide {
    private let embeddings: Tensor
    private let rows: [String: Int]

    init(texts: [[String]], embeddings: [Tensor]) {
        self.embeddings = .concatenating(embeddings)
        rows = Dictionary(zip(texts.joined(), 0...), uniquingKeysWith: { first, _ in first })
    }

    func embeddings(of texts: [String]) -> Tensor { embeddings.gatheringRows(at: Tensor(indices: texts.map { rows[$0]! })) }
}

extension NumberLists {
    /// One more than the largest label; the length of lists.
    fileprivate var classCount: Int? {
        guard shape.count == 1 else { return shape.last }
        return values.max().flatMap { $0 >= 0 && $0 < 1e6 ? Int($0) + 1 : nil }
    }
}

extension LossCalculation {
    func json(withGradients: Bool) -> JSONValue {
        func object(_ pairs: [(String, JSONValue)]) -> JSONValue { .object(JSONObject(members: pairs.map { (key: $0.0, value: $0.1) })) }
        var members: [(String, JSONValue)] = [
            ("value", .exact(value)), ("components", object(components.map { ($0.name, .exact($0.value)) })),
        ]
        if withGradients {
            members.append(("gradients", .array(gradients.map { .exact($0) })))
            if !layerGradients.isEmpty {
                members.append(("layer_gradients", .array(layerGradients.map { .array($0.map { .exact($0) }) })))
            }
            members.append(("parameter_gradients", object(parameterGradients.map { ($0.name, .exact($0.value)) })))
        }
        return object(members)
    }

    /// The value, and how large the gradients are.
    func table(withGradients: Bool) -> String {
        var values = TextTable("", "value")
        values.addRow("loss", "\(value)")
        for (name, value) in components { values.addRow(name, "\(value)") }
        guard withGradients else { return values.description }
        var sizes = TextTable("gradient by", "shape", "norm", "largest")
        let layers = layerGradients.enumerated().flatMap { layer, columns in
            columns.enumerated().map { ("layers[\(layer)][\($0.offset)]", $0.element) }
        }
        let columns = gradients.enumerated().map { ("embeddings[\($0.offset)]", $0.element) }
        for (name, gradient) in columns + layers + parameterGradients.map({ ($0.name, $0.value) }) {
            let values = gradient.values
            let largest = values.reduce(0) { $1.magnitude > $0 || $1.isNaN ? $1.magnitude : $0 }
            sizes.addRow(name, "\(gradient.shape)", "\(values.reduce(0) { $0 + $1 * $1 }.squareRoot())", "\(largest)")
        }
        return "\(values)\n\(sizes)"
    }
}
