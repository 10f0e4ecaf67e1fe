import Foundation
import Tapestry
import Testing

/// Models that begin with something else than a transformer, against what the original gives and does:
/// `Tests/Reference/input_fixtures.py`.
struct InputModuleTests {
    static let names = [
        "static", "static-normalized", "bow", "bow-once", "words", "words-trained", "router", "router-shared", "router-behind", "model2vec",
        "asym",
    ]

    private func folder(_ name: String) -> URL { fixture("inputs/\(name)") }

    private func opened(_ name: String, _ dtype: DType = .float32) throws -> SentenceTransformer {
        let model = try SentenceTransformer(folder(name).path)
        for parameter in model.parameters where dtype != .float32 { parameter.value = parameter.value.cast(to: dtype) }
        return model
    }

    private func expected(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: fixture("inputs/\(name).safetensors"))
    }

    private func texts() throws -> (texts: [String], pairs: [[String]]) {
        guard case .array(let texts)? = try JSONFile.readObject(fixture("inputs/texts.json"))["texts"],
            case .array(let pairs)? = try JSONFile.readObject(fixture("inputs/texts.json"))["pairs"]
        else { throw FixtureError("inputs/texts.json") }
        func string(_ value: JSONValue) -> String { if case .string(let text) = value { text } else { "" } }
        return (
            texts.map(string),
            pairs.map { if case .array(let pair) = $0 { pair.map(string) } else { [] } }
        )
    }

    /// Of one text at a time and of all together, which has to be the same.
    private func embeddings(_ model: SentenceTransformer, _ texts: [String], task: String?) -> Tensor {
        let whole = model.encode(texts, task: task)
        let single = Tensor.concatenating(texts.map { model.encode([$0], task: task) })
        #expect(whole.maximumDifference(to: single) < 1e-6)
        return whole
    }

    @Test(arguments: names) func embeddingsAreThoseOfTheOriginal(name: String) throws {
        let (texts, file) = (try texts().texts, try expected(name))
        for key in file.names where !key.hasPrefix("gradient/") && key != "trained" {
            let task = key == "plain" ? nil : key
            let expected = try file.tensor(key), scale = expected.values.reduce(0) { max($0, abs($1)) }
            let found = embeddings(try opened(name), texts, task: task)
            #expect(found.cast(to: .float64).maximumDifference(to: expected) < 2e-6 * scale, "\(key)")
            // A bag of words is counted in float32.
            if name.hasPrefix("bow") { continue }
            let exact = embeddings(try opened(name, .float64), texts, task: task).cast(to: .float64)
            // Of model2vec the original computes in float32.
            let tolerance = name == "model2vec" ? 1e-6 : 1e-12
            #expect(exact.maximumDifference(to: expected) < tolerance * scale, "\(key)")
        }
    }

    @Test(arguments: names) func gradientsAreThoseOfTheOriginal(name: String) throws {
        let isSingle = name.hasPrefix("bow")
        let (texts, file, model) = (try texts().texts, try expected(name), try opened(name, isSingle ? .float32 : .float64))
        let known = file.names.filter { $0.hasPrefix("gradient/") && !$0.contains(".pooler.") }
        let trained = model.namedParameters.filter(\.parameter.isTrainable)
        if name != "model2vec", name != "asym" { #expect(known.count == trained.count) }
        guard !known.isEmpty else { return }
        // Both tasks in one batch, so that a router has to part it and put it together again.
        let tasks: [String?] = name.hasPrefix("router") ? ["document", "query"] : [nil]
        let batch = model.tokenize(columns: tasks.map { _ in texts }, tasks: tasks)
        let (_, gradients) = valueAndGradients(of: trained.map(\.parameter)) {
            model(batch, in: .inference).requiredSentenceEmbedding.pow(3).sum()
        }
        for named in trained {
            let expected = try file.tensor("gradient/\(named.name)"), scale = expected.values.reduce(1e-300) { max($0, abs($1)) }
            let found = try #require(gradients[named.parameter]?.tensor, "\(named.name)").cast(to: .float64)
            // A bias of keys changes nothing: its gradient is rounding alone.
            let least = named.name.hasSuffix("key.bias") ? 1e-12 : 0
            #expect(found.maximumDifference(to: expected) < (isSingle ? 1e-5 : 1e-8) * scale + least, "\(named.name)")
        }
    }

    @Test(arguments: names) func trainingIsThatOfTheOriginal(name: String) throws {
        let (data, file, model) = (try texts(), try expected(name), try opened(name))
        guard file.names.contains("trained") else { return }
        let dataset = try Dataset(
            columns: [
                .init(name: "anchor", texts: data.pairs.map { $0[0] }), .init(name: "positive", texts: data.pairs.map { $0[1] }),
            ], labels: nil)
        var arguments = TrainingArguments()
        (arguments.numTrainEpochs, arguments.perDeviceTrainBatchSize, arguments.learningRate) = (4, 3, 1e-2)
        let folder = try TemporaryFolder()
        (arguments.outputDir, arguments.saveStrategy) = (folder.file("run").path, .no)
        arguments.weightDecay = name == "static" ? 0.1 : 0
        if name.hasPrefix("router") { arguments.routerMapping = ["anchor": "query", "positive": "document"] }
        let task = name.hasPrefix("router") ? "query" : nil
        let before = model.encode(data.texts, task: task)
        try Trainer(model, loss: MultipleNegativesRankingLoss(), dataset: dataset, arguments: arguments).train()
        let after = model.encode(data.texts, task: task), theirs = try file.tensor("trained")
        let change = after.maximumDifference(to: before)
        #expect(change > 1e-3)
        // Adam's first steps go by the signs of gradients, also of those that are hardly more than rounding.
        #expect(after.maximumDifference(to: theirs) < (name == "router-shared" ? 1e-3 : 1e-4) * change)
    }

    @Test(arguments: names) func modelsAreWrittenAsTheyWere(name: String) throws {
        let (temporary, original) = (try TemporaryFolder(), try opened(name))
        let place = temporary.file("saved")
        try original.copied().save(to: place.path)
        let again = try SentenceTransformer(place.path)
        let texts = try texts().texts
        for task in name == "asym" ? ["question", "answer"] : name.hasPrefix("router") ? ["query", "document", nil] : [nil] {
            #expect(again.encode(texts, task: task) == original.encode(texts, task: task))
        }
        #expect(again.namedParameters.map(\.name) == original.namedParameters.map(\.name))
        guard name != "model2vec", name != "asym" else { return }
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder(name).path).filter { $0.contains(".") }
        for file in files where !file.hasSuffix("tokenizer_config.json") && file != "README.md" {
            let (own, theirs) = (place.appendingPathComponent(file), folder(name).appendingPathComponent(file))
            if file.hasSuffix("router_config.json") || file == "modules.json" || file.contains("tokenizer_config")
                || file.hasSuffix("wordembedding_config.json") || file.hasSuffix("tokenizer.json")
            {
                #expect(try JSONFile.read(own) == JSONFile.read(theirs), "\(file)")
            } else if file.hasSuffix(".safetensors") {
                let (a, b) = try (SafetensorsFile(contentsOf: own), SafetensorsFile(contentsOf: theirs))
                #expect(Set(a.names) == Set(b.names))
                for name in b.names { #expect(try a.tensor(name) == b.tensor(name), "\(name)") }
            }
        }
    }

    // MARK: Made here

    private func small() throws -> PretrainedTokenizer { try PretrainedTokenizer(directory: fixture("models/tiny-bert")) }

    @Test func aRouterSharesAndPartsParameters() throws {
        let transformer = try #require(try model("tiny-bert").transformer)
        let width = transformer.model.width
        let router = Router([
            "query": [transformer, Pooling(width: width)], "document": [transformer, Pooling(width: width, modes: [.cls])],
        ])
        let model = SentenceTransformer(router)
        #expect(model.namedParameters.allSatisfy { $0.name.hasPrefix("0.sub_modules.query.0.model.") })
        let (copy, texts) = (model.copied(), ["red", "blue sky"])
        #expect(Set(copy.parameters.map(ObjectIdentifier.init)).isDisjoint(with: model.parameters.map(ObjectIdentifier.init)))
        #expect(copy.parameters.count == transformer.parameters.count)
        #expect(copy.encodeQuery(texts) == model.encodeQuery(texts) && copy.encodeDocument(texts) == model.encodeDocument(texts))
        #expect(model.encodeQuery(texts) != model.encodeDocument(texts))
        let both = model.encode(queries: texts, documents: texts)
        #expect(both.queries == model.encodeQuery(texts) && both.documents == model.encodeDocument(texts))
        // The first route where none is named.
        #expect(model.encode(texts) == model.encodeQuery(texts))
        // A text that is remembered for one task is not taken for another's.
        let remembering = model.rememberingEmbeddings()
        _ = remembering.encodeQuery(texts)
        #expect(remembering.encodeDocument(texts) == model.encodeDocument(texts))
    }

    @Test func routesDrawBySample() throws {
        // The same samples draw the same dropout, alone or between those of another route.
        let width = try #require(try model("tiny-bert").transformer).model.width
        let router = Router(
            query: [try #require(try model("tiny-bert").transformer), Pooling(width: width), SentenceDropout(0.5)],
            document: [StaticEmbedding(try small(), width: width, key: RandomKey(1)), SentenceDropout(0.5)])
        let model = SentenceTransformer(router)
        let batch = model.tokenize(columns: [["red", "dog"], ["blue", "sky"]], tasks: ["query", "document"], samples: [4, 1, 7, 2])
        func embeddings(_ order: [Int]) -> Tensor {
            model(batch.sequences(order), in: .training(key: RandomKey(3))).requiredSentenceEmbedding
        }
        let whole = embeddings([0, 1, 2, 3])
        for order in [[3, 0, 2, 1], [2, 3], [1], [3]] {
            #expect(embeddings(order) == whole.gatheringRows(at: Tensor(indices: order)))
        }
        #expect(whole != model(batch, in: .inference).requiredSentenceEmbedding)
    }

    @Test func theLongestInputIsEveryRoutes() throws {
        var model = try opened("router")
        #expect(model.maximumSequenceLength == .max)
        model.maximumSequenceLength = 3
        #expect(model.input.tokenize("the cat sits on the mat", for: "query").count == 3)
        #expect(model.input.tokenize("the cat sits on the mat", for: "document").count == 3)
        var words = try opened("words")
        words.maximumSequenceLength = 1
        #expect(words.input.tokenize("the cat sits on the mat").count == 1)
    }

    @Test func whatRouterMappingCannotMeanIsRefused() throws {
        let dataset = try Dataset(columns: [.init(name: "a", texts: ["x", "y"]), .init(name: "b", texts: ["x", "z"])], labels: nil)
        func message(_ model: SentenceTransformer, _ mapping: ColumnTexts?) -> String {
            var arguments = TrainingArguments()
            arguments.routerMapping = mapping
            arguments.outputDir = FileManager.default.temporaryDirectory.appendingPathComponent("router-mapping").path
            do {
                _ = try Trainer(model, loss: MultipleNegativesRankingLoss(), dataset: dataset, arguments: arguments)
                return ""
            } catch { return "\(error)" }
        }
        #expect(try message(model("tiny-bert"), ["a": "query"]).contains("the model has no router"))
        #expect(try message(opened("router"), ["a": "question"]).contains("the column a is for question, but the router has no such route"))
        #expect(try message(opened("router"), ["c": "query"]).contains("there is no column c"))
        #expect(try message(opened("router"), nil) == "")
        let open = try TemporaryFolder()
        try FileManager.default.copyItem(at: folder("router"), to: open.file("m"))
        let file = open.file("m/router_config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacingOccurrences(of: #""default_route": "document""#, with: #""default_route": null"#)
            .replacingOccurrences(of: #""allow_empty_key": true"#, with: #""allow_empty_key": false"#)
            .write(to: file, atomically: true, encoding: .utf8)
        #expect(try message(SentenceTransformer(open.file("m").path), ["a": "query"]).contains("nothing is said of the column b"))
    }

    @Test func wordVectorsAreReadFromTexts() throws {
        let folder = try TemporaryFolder()
        let lines = ["3 2", "the 0.5 -1", "cat 1 2", "broken 1", "Dog 3 4 "]
        try lines.joined(separator: "\n").write(to: folder.file("v.txt"), atomically: true, encoding: .utf8)
        let words = try WordEmbeddings(textFile: folder.file("v.txt").path)
        #expect(words.embedding.weight.value.rows == [[0, 0], [0.5, -1], [1, 2], [3, 4]])
        let model = SentenceTransformer(words, [Pooling(width: 2)])
        let expected = Tensor([[1.5, 5.0 / 3], [0, 0]])
        #expect(model.encode(["the cat Dog mouse", ""]).maximumDifference(to: expected) < 1e-6)
        #expect(try WordEmbeddings(textFile: folder.file("v.txt").path, maximumVocabularySize: 2).embedding.weight.shape == [3, 2])
        try "the 1 x\n".write(to: folder.file("w.txt"), atomically: true, encoding: .utf8)
        #expect { _ = try WordEmbeddings(textFile: folder.file("w.txt").path) } throws: { "\($0)".contains("line 1") }
        #expect { _ = try WordEmbeddings(textFile: folder.file("none.txt").path) } throws: { "\($0)".contains("no such file") }
    }

    // MARK: Folders that are wrong

    static let broken: [(name: String, file: String, from: String, to: String, word: String)] = [
        ("router", "router_config.json", "\"document_0_Transformer\":", "\"../up\":", "leads upward"),
        ("router", "router_config.json", "static_embedding.StaticEmbedding", "static_embedding.Unknown", "is not supported"),
        ("router", "router_config.json", "\"default_route\": \"document\"", "\"default_route\": \"answer\"", "no route answer"),
        ("router", "router_config.json", "\"structure\"", "\"structures\"", "structure"),
        ("router", "router_config.json", "\"query_0_StaticEmbedding\"\n", "\"nothing\"\n", "none of the modules"),
        ("router-behind", "2_Router/router_config.json", "('query', None)", "('query', )", "is no pair"),
        ("router-behind", "2_Router/router_config.json", "('query', None)\": \"question", "('query', None)\": \"other", "no route other"),
        ("bow", "0_BoW/config.json", "\"cat\": 2.0", "\"cat\": \"x\"", "the weight of"),
        ("words", "wordembedding_config.json", "WhitespaceTokenizer", "PhraseTokenizer", "is not supported"),
        ("words", "whitespacetokenizer_config.json", "\"vocab\"", "\"words\"", "vocab"),
        ("words", "whitespacetokenizer_config.json", "[\"PADDING_TOKEN\",", "[\"PADDING_TOKEN\", \"more\",", "a row is needed"),
        ("static", "modules.json", "static_embedding.StaticEmbedding", "pooling.Pooling", "the first module must be one"),
    ]

    @Test(arguments: broken.indices) func whatDoesNotFitIsRefused(number: Int) throws {
        let (name, file, from, to, word) = Self.broken[number]
        let temporary = try TemporaryFolder()
        try FileManager.default.copyItem(at: folder(name), to: temporary.file("m"))
        let url = temporary.file("m").appendingPathComponent(file)
        let text = try String(contentsOf: url, encoding: .utf8)
        let changed = text.replacingOccurrences(of: from, with: to)
        try #require(changed != text)
        try changed.write(to: url, atomically: true, encoding: .utf8)
        if file == "modules.json" {
            try #"{"embedding_dimension": 6, "pooling_mode": "mean"}"#
                .write(to: temporary.file("m/config.json"), atomically: true, encoding: .utf8)
        }
        #expect { _ = try SentenceTransformer(temporary.file("m").path) } throws: { "\($0)".contains(word) }
    }

    @Test func weightsOfModel2VecThatDoNotFitAreRefused() throws {
        for (name, tensor, word) in [
            ("mapping", Tensor(indices: [99]), "one of 40 rows"), ("weights", Tensor([1, 2]), "one a token"),
            ("embeddings", Tensor([1, 2]), "a matrix"),
        ] {
            let temporary = try TemporaryFolder()
            try FileManager.default.copyItem(at: folder("model2vec"), to: temporary.file("m"))
            let url = temporary.file("m/model.safetensors"), file = try SafetensorsFile(contentsOf: url)
            let tensors = try file.names.map { ($0, $0 == name ? tensor : try file.tensor($0)) }
            try FileManager.default.removeItem(at: url)
            try Weights.save(tensors.map { (name: $0.0, tensor: $0.1) }, to: url)
            #expect { _ = try SentenceTransformer(temporary.file("m").path) } throws: { "\($0)".contains(word) }
        }
    }
}
