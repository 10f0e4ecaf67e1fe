import JSON
import Options
import Testing

@testable import Losses

/// Every option of every loss by its row: what is set is there, what cannot be is refused, what is reported was given.
struct LossOptionTests {
    static let names = LossCatalog.builtIn.map(\.name)

    private func loss(_ name: String, _ options: JSONObject, in surroundings: LossSurroundings = .example) throws -> any Loss {
        try LossCatalog.loss(named: name, options: options, surroundings: surroundings)
    }

    /// What an option may be given to see what it does with it.
    private static let candidates: [JSONValue] =
        [
            0.375, 3, 1, 0, -1, .real(-0.5), true, false, .null, [8, 4], [0.5, 0.25], [], "a text", [true], ["a text"],
        ] + [
            "cos_sim", "dot_score", "pairwise_euclidean_sim", "COSINE", "EUCLIDEAN", "MANHATTAN", "cosine_distance", "relative", "sum",
            "l2",
            "linear", "per_direction", "hard_negatives", ["query_to_doc", "doc_to_doc"], ["doc_to_doc"],
        ]

    /// Whether a value is what was given: names in any case, and all of them as 0 or −1.
    private static func isSame(_ value: JSONValue, _ given: JSONValue) -> Bool {
        switch (value, given) {
        case (.string(let name), .string(let other)): name.lowercased() == other.lowercased()
        case (.integer(-1), .integer(0)): true
        default: value == given
        }
    }

    private func values(_ loss: some Loss) -> [(key: String, json: JSONValue, text: String)] {
        loss.options.map { ($0.key, $0.json(of: loss), $0.text(of: loss)) }
    }

    @Test(arguments: names) func keysAreDifferentAndDefaultsWithinBounds(_ name: String) throws {
        let loss = try #require(LossCatalog.find(name))
        let keys = loss.allOptionSummaries.map(\.key)
        #expect(Set(keys).count == keys.count)
        for option in loss.allOptionSummaries {
            #expect(!option.key.isEmpty && !option.meaning.isEmpty && !option.value.isEmpty, "\(option.key)")
        }
        // What has to be given is out of its bounds without.
        let required = Set(loss.allOptionSummaries.filter { $0.defaultValue == nil }.map(\.key))
        func check<L: Loss>(_ loss: L) {
            for row in loss.options { #expect(row.brokenBound(in: loss) == nil || required.contains(row.key), "\(row.key)") }
        }
        check(loss)
    }

    @Test(arguments: names) func whatIsSetIsThere(_ name: String) throws {
        func check<L: Loss>(_ defaults: L) {
            for row in defaults.options {
                var others = 0
                for candidate in Self.candidates where candidate != .null {
                    var (loss, again) = (defaults, defaults)
                    guard row.set(&loss, to: candidate) else { continue }
                    #expect(Self.isSame(row.json(of: loss), candidate), "\(row.key) \(candidate)")
                    if row.json(of: loss) != row.json(of: defaults) { others += 1 }
                    // The same by the word that it is reported with.
                    if case .array = candidate {
                    } else {
                        #expect(
                            row.set(&again, to: row.text(of: loss)) && row.json(of: again) == row.json(of: loss), "\(row.key) \(candidate)")
                    }
                    // No other option moves, but for the weights, of which there are as many as dimensions.
                    for other in defaults.options where ![row.key, "matryoshka_weights"].contains(other.key) {
                        #expect(other.json(of: loss) == other.json(of: defaults), "\(row.key) moves \(other.key)")
                    }
                }
                #expect(others > 0, "\(row.key) cannot be changed")
            }
        }
        let loss = try #require(LossCatalog.find(name))
        check(loss)
    }

    @Test func whatIsOutOfBoundsIsRefused() throws {
        var refusals = (ofKind: 0, ofBounds: 0)
        func check<L: Loss>(_ defaults: L) {
            for row in defaults.options {
                for candidate in Self.candidates {
                    var changed = defaults
                    let fits = row.set(&changed, to: candidate)
                    if fits && row.brokenBound(in: changed) == nil { continue }
                    if fits { refusals.ofBounds += 1 } else { refusals.ofKind += 1 }
                    var options: JSONObject = [row.key: candidate]
                    if defaults is any LossModifier { options["loss"] = "CoSENTLoss" }
                    let error = #expect(throws: LossInputError.self) { try loss(defaults.name, options) }
                    let message = error?.description ?? ""
                    #expect(message.hasPrefix("\(defaults.name): \(row.key) must be "), "\(message)")
                    // A required option that is null has its default.
                    #expect(message.hasSuffix(", not \(candidate.serialized(.compact))") || candidate == .null, "\(message)")
                }
            }
        }
        for loss in LossCatalog.builtIn { check(loss) }
        #expect(refusals.ofBounds > 30 && refusals.ofKind > 500, "\(refusals)")
    }

    @Test(arguments: names) func anUnknownKeyNamesTheNearest(_ name: String) throws {
        let summaries = try #require(LossCatalog.find(name)).allOptionSummaries
        for key in summaries.map(\.key) {
            let error = #expect(throws: LossInputError.self) { try loss(name, [key + "x": 1]) }
            #expect(error?.description.contains("\(name) has no option \(key)x; did you mean \(key)?") == true)
        }
        #expect(throws: LossInputError.self) { try loss(name, ["x": 1]) }
    }

    /// For each loss all of its options, none at its default, as they are given.
    private static let given: [(name: String, options: JSONObject)] = [
        (
            "MultipleNegativesRankingLoss",
            [
                "scale": 3, "similarity_fct": "dot_score", "directions": ["query_to_doc", "doc_to_query"],
                "partition_mode": "per_direction",
                "hardness_mode": "hard_negatives", "hardness_strength": 0.5, "mask_duplicates": true,
            ]
        ),
        ("MultipleNegativesSymmetricRankingLoss", ["scale": 3, "similarity_fct": "dot_score", "mask_duplicates": true]),
        (
            "GISTEmbedLoss",
            [
                "guide": "GuideOfZeros", "temperature": 0.5, "margin_strategy": "relative", "margin": 0.25, "contrast_anchors": false,
                "contrast_positives": false, "retokenize": true, "mask_duplicates": true,
            ]
        ),
        ("MegaBatchMarginLoss", ["positive_margin": 0.5, "negative_margin": 0.25, "mask_duplicates": true]),
        ("CoSENTLoss", ["scale": 3, "similarity_fct": "pairwise_angle_sim"]), ("AnglELoss", ["scale": 3]), ("CosineSimilarityLoss", [:]),
        ("ContrastiveLoss", ["distance_metric": "MANHATTAN", "margin": 2, "size_average": false]),
        ("OnlineContrastiveLoss", ["distance_metric": "EUCLIDEAN", "margin": 2]),
        (
            "SoftmaxLoss",
            [
                "embedding_dimension": 5, "num_labels": 4, "concatenation_sent_rep": false, "concatenation_sent_difference": false,
                "concatenation_sent_multiplication": true,
            ]
        ),
        ("TripletLoss", ["distance_metric": "COSINE", "triplet_margin": 2]),
        ("BatchAllTripletLoss", ["distance_metric": "cosine_distance", "margin": 2]),
        ("BatchHardTripletLoss", ["distance_metric": "cosine_distance", "margin": 2]),
        ("BatchHardSoftMarginTripletLoss", ["distance_metric": "cosine_distance"]),
        ("BatchSemiHardTripletLoss", ["distance_metric": "cosine_distance", "margin": 2]), ("MSELoss", ["projection_dim": 7]),
        ("EmbedDistillLoss", ["distance_metric": "l2", "projection_dim": 7]), ("MarginMSELoss", ["similarity_fct": "pairwise_cos_sim"]),
        (
            "DistillKLDivLoss",
            [
                "similarity_fct": "pairwise_cos_sim", "temperature": 2, "student_temperature": 3, "teacher_temperature": 4,
            ]
        ),
        (
            "GlobalOrthogonalRegularizationLoss",
            [
                "similarity_fct": "dot_score", "mean_weight": 2, "second_moment_weight": 3, "aggregation": "sum",
            ]
        ),
        ("MatryoshkaLoss", ["matryoshka_dims": [8, 4], "matryoshka_weights": [2, 0.5], "n_dims_per_step": 1]),
        (
            "AdaptiveLayerLoss",
            [
                "n_layers_per_step": 3, "last_layer_weight": 2, "prior_layers_weight": 3, "kl_div_weight": 4, "kl_temperature": 5,
                "layer_weighting": "log",
            ]
        ),
        (
            "Matryoshka2dLoss",
            [
                "matryoshka_dims": [8, 4], "matryoshka_weights": [2, 0.5], "n_dims_per_step": 2, "n_layers_per_step": 3,
                "last_layer_weight": 2, "prior_layers_weight": 3, "kl_div_weight": 4, "kl_temperature": 5, "layer_weighting": "linear",
            ]
        ),
    ]

    @Test func theTableOfOptionsHasAll() throws {
        #expect(Self.given.map(\.name) == Self.names)
        for (name, options) in Self.given {
            let loss = try #require(LossCatalog.find(name))
            #expect(options.keys == loss.optionSummaries.map(\.key), "\(name)")
            for (key, json, _) in values(loss) { #expect(json != options[key], "\(name) \(key)") }
        }
    }

    @Test(arguments: names) func whatIsReportedIsWhatWasGiven(_ name: String) throws {
        let options = try #require(Self.given.first { $0.name == name }).options
        var all = options
        let isModifier = LossCatalog.find(name) is any LossModifier
        if isModifier { all["loss"] = ["name": "CoSENTLoss", "scale": 7] }
        let loss = try loss(name, all)
        #expect(loss.name == name)
        for (key, json, text) in values(loss) {
            #expect(json == options[key], "\(key)")
            #expect(loss.configuration.filter { $0.key == key }.map(\.value) == [text], "\(key)")
        }
        if isModifier {
            #expect(loss.configuration.first! == ("loss", "CoSENTLoss"))
            #expect(loss.configuration.contains { $0 == ("loss.scale", "7.0") })
        }
    }
}
