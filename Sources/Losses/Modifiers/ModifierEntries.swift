import JSON

extension LossCatalog {
    static let modifiers = [matryoshka, adaptiveLayer, matryoshka2d]

    private static let dimensionOptions: [LossEntry.Option] = [
        .init("matryoshka_dims", nil, "widths, each at most that of the embeddings"),
        .init("matryoshka_weights", "all 1", "one weight a width"),
    ]
    private static let layerOptions: [LossEntry.Option] = [
        .init("n_layers_per_step", "1", "layers below the last that a step draws; -1: all"),
        .init("last_layer_weight", "1", "weight of the last layer"), .init("prior_layers_weight", "1", "weight of the others"),
        .init("kl_div_weight", "1", "weight of the divergence from the last layer"),
        .init("kl_temperature", "0.3", "its temperature; 0: none"), .init("layer_weighting", "uniform", "or log, linear"),
    ]
    private static let inner = LossEntry.Option("loss", nil, "the loss inside: a name, or an object with a name and options")

    private static let example: JSONObject = ["loss": "CoSENTLoss", "matryoshka_dims": [8, 4]]

    private static func makeMatryoshka(_ options: LossOptions, dimensionsPerStep: Int) throws -> Matryoshka {
        guard let dimensions = try options.integers("matryoshka_dims") else {
            throw options.error("matryoshka_dims", expected: "a list of widths")
        }
        return Matryoshka(
            try options.loss(), dimensions: dimensions, weights: try options.numbers("matryoshka_weights"),
            dimensionsPerStep: try options.integer("n_dims_per_step", default: dimensionsPerStep))
    }

    private static func makeAdaptiveLayer(_ loss: any Loss, _ options: LossOptions) throws -> AdaptiveLayer {
        AdaptiveLayer(
            loss, layersPerStep: try options.integer("n_layers_per_step", default: 1),
            lastLayerWeight: try options.number("last_layer_weight", default: 1),
            priorLayersWeight: try options.number("prior_layers_weight", default: 1),
            klDivWeight: try options.number("kl_div_weight", default: 1),
            klTemperature: try options.number("kl_temperature", default: 0.3),
            layerWeighting: try options.choice(
                "layer_weighting", default: .uniform, among: LayerWeighting.all.map { ($0.name, $0) }))
    }

    private static let matryoshka = LossEntry(
        "MatryoshkaLoss", summary: "Any loss at several widths at once, so that embeddings can be cut short.",
        formula: "Σ_d w_d · loss(unit(X[:, :d]))",
        options: [inner] + dimensionOptions + [.init("n_dims_per_step", "-1", "widths that a step draws; -1: all")],
        example: example
    ) { try makeMatryoshka($0, dimensionsPerStep: -1) }

    private static let adaptiveLayer = LossEntry(
        "AdaptiveLayerLoss", summary: "Any loss at several layers at once, so that the model can be cut to its first layers.",
        formula: "w_last · loss(E_n) + Σ_l (w_prior · w(l) / |A| · loss(E_l) + w_KL · T · KL(softmax(E_n / T) ‖ softmax(E_l / T)))",
        options: [inner] + layerOptions, example: ["loss": "CoSENTLoss"]
    ) { try makeAdaptiveLayer(try $0.loss(), $0) }

    private static let matryoshka2d = LossEntry(
        "Matryoshka2dLoss", summary: "AdaptiveLayer around Matryoshka: fewer layers and fewer dimensions.",
        formula: "AdaptiveLayer(Matryoshka(loss)), by default one layer and one width drawn in every step",
        options: [inner] + dimensionOptions + [.init("n_dims_per_step", "1", "widths that a step draws; -1: all")] + layerOptions,
        example: example
    ) { try makeAdaptiveLayer(try makeMatryoshka($0, dimensionsPerStep: 1), $0) }
}
