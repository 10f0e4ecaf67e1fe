import Tapestry
import Testing

/// Draws a vector for each text by its bytes, so that it holds some candidates for positives, and others not.
private struct OpinionatedGuide: Guide {
    func embeddings(of texts: [String]) -> Tensor {
        Tensor.concatenating(
            texts.map { text in
                Tensor.normal([1, 3], key: text.utf8.reduce(RandomKey(1)) { $0.folded(with: UInt64($1)) })
            })
    }
}

extension LawTests {
    /// Every loss that can be chosen by name keeps its laws, whatever its options and whatever is put around it.
    struct NoFalseAlarmTests {
        struct Configuration: Sendable, CustomTestStringConvertible {
            let loss: String
            let options: String

            var testDescription: String { "\(loss) \(options)" }

            func make() throws -> any Loss {
                guard case .object(let object) = try JSONValue.parse(Array(options.utf8)) else {
                    throw LossInputError("\(options) is no object")
                }
                return try LossCatalog.loss(
                    named: loss, options: object,
                    surroundings: .init(embeddingDimension: 8, classCount: { _ in 3 }) { _ in OpinionatedGuide() })
            }
        }

        /// Defaults of every loss, and the options below. What a loss cannot do without is given to it by its name.
        static let configurations = LossCatalog.builtIn.flatMap { loss in
            let required = loss.allOptionSummaries.filter { $0.defaultValue == nil }.compactMap { option in
                needed[option.key].map { "\"\(option.key)\": \($0)" }
            }
            return ([""] + (further[loss.name] ?? [])).map { options in
                let members = (required + [options]).filter { !$0.isEmpty }.joined(separator: ", ")
                return Configuration(loss: loss.name, options: "{\(members)}")
            }
        }

        private static let needed = ["loss": "\"MultipleNegativesRankingLoss\"", "matryoshka_dims": "[8, 4, 2]"]

        private static let further: [String: [String]] = [
            "MultipleNegativesRankingLoss": [
                #""scale": 1, "similarity_fct": "dot_score""#, #""scale": 0.5, "similarity_fct": "euclidean_sim""#,
                #""scale": 0.5, "similarity_fct": "manhattan_sim""#, #""mask_duplicates": true"#,
                #""directions": ["query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"]"#,
                #""directions": ["query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"], "mask_duplicates": true"#,
                #""directions": ["query_to_doc", "doc_to_query"], "partition_mode": "per_direction""#,
                #""hardness_mode": "hard_negatives", "hardness_strength": 3"#,
            ],
            "MultipleNegativesSymmetricRankingLoss": [#""mask_duplicates": true"#],
            "CoSENTLoss": [
                #""scale": 1, "similarity_fct": "pairwise_dot_score""#, #""scale": 1, "similarity_fct": "pairwise_euclidean_sim""#,
                #""scale": 1, "similarity_fct": "pairwise_manhattan_sim""#,
            ],
            "TripletLoss": [#""distance_metric": "COSINE", "triplet_margin": 0.5"#, #""distance_metric": "MANHATTAN""#],
            "MatryoshkaLoss": [#""n_dims_per_step": 1"#, #""matryoshka_weights": [1, 0.5, 0.25]"#],
            "AdaptiveLayerLoss": [
                #""n_layers_per_step": -1"#, #""kl_div_weight": 0"#, #""kl_temperature": 1, "layer_weighting": "log""#,
            ],
            "Matryoshka2dLoss": [#""n_dims_per_step": -1, "n_layers_per_step": -1"#],
        ]

        @Test(arguments: configurations) func keepsItsLaws(_ configuration: Configuration) throws {
            let report = checkLaws(of: try configuration.make())
            #expect(report.passed, "\(report)")
        }

        @Test(arguments: configurations) func gradientIsThatOfDifferences(_ configuration: Configuration) throws {
            let loss = try configuration.make()
            if loss.lawExceptions.contains(.stopsGradient) { return }
            let report = gradientCheck(loss, orders: loss.lawExceptions.contains(.onceDifferentiable) ? [1] : [1, 2])
            #expect(report.passed, "\(report)")
        }

        /// Losses that may be cut to fewer dimensions, inside of every wrapper.
        @Test(arguments: configurations) func keepsThemInsideOfWrappers(_ configuration: Configuration) throws {
            let loss = try configuration.make()
            guard loss.acceptsTruncatedEmbeddings, !loss.needsEveryLayer else { return }
            let matryoshka = Matryoshka(loss, dimensions: [8, 4])
            let wrapped: [any Loss] = [matryoshka, AdaptiveLayer(loss), AdaptiveLayer(matryoshka), loss + 0.5 * matryoshka]
            for wrapped in wrapped {
                let report = checkLaws(of: wrapped)
                #expect(report.passed, "\(report)")
            }
        }

        /// Uncached, and cached by tokens; `checkLaws(of: loss)` caches by number.
        @Test(arguments: configurations) func keepsThemAsAnObjective(_ configuration: Configuration) throws {
            let loss = try configuration.make()
            let objectives: [any SentenceObjective] = [LossObjective(loss), Cached(loss, miniBatchTokens: 20)]
            for objective in objectives {
                let report = checkLaws(of: objective)
                #expect(report.passed, "\(report)")
            }
        }

        @Test func aLossWithAHeadKeepsItsLaws() {
            let report = checkLaws(of: Classifier(declaresHead: true))
            #expect(report.passed && report.comparisons[.ownParameters] != nil, "\(report)")
        }
    }
}
