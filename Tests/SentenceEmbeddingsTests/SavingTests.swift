import Foundation
import Tapestry
import Testing

/// A model that is saved and opened again is the same model.
struct SavingTests {
    private func saved(_ model: SentenceTransformer, in folder: TemporaryFolder) throws -> SentenceTransformer {
        try model.save(to: folder.file("saved").path)
        return try SentenceTransformer(folder.file("saved").path)
    }

    @Test(arguments: ["tiny-bert", "tiny-dense", "mini-bert"])
    func embeddingsAndParametersComeBackBitForBit(name: String) throws {
        let folder = try TemporaryFolder()
        let original = try model(name)
        let again = try saved(original, in: folder)
        let texts = try Sentences().texts
        #expect(again.encode(texts) == original.encode(texts))
        #expect(again.namedParameters.map(\.name) == original.namedParameters.map(\.name))
        for (a, b) in zip(again.parameters, original.parameters) { #expect(a.value == b.value) }
        #expect(again.allModules.map(\.kind) == original.allModules.map(\.kind))
        #expect(again.allModules.map(\.summary) == original.allModules.map(\.summary))
        #expect(again.similarityFunction == original.similarityFunction)
        #expect(again.prompts == original.prompts)
    }

    @Test func aNewModelComesBack() throws {
        let folder = try TemporaryFolder()
        let original = SentenceTransformer.untrained(seed: 3)
        let again = try saved(original, in: folder)
        let texts = BuiltInData.scoredPairs(.test).columns[0].texts.prefix(20) + ["", "Quite unknown words: Ærøskøbing!"]
        #expect(again.encode(Array(texts)) == original.encode(Array(texts)))
        #expect(again.maximumSequenceLength == original.maximumSequenceLength)
    }

    @Test func theUntrainedModelIsDrawnFromItsSeed() {
        let names = SentenceTransformer.untrained().namedParameters.map(\.name)
        #expect(Set(names).count == names.count)
        let texts = Array(BuiltInData.scoredPairs(.test).columns[0].texts.prefix(3))
        let embeddings = SentenceTransformer.untrained(seed: 1).encode(texts)
        #expect(embeddings.shape == [3, 128])
        #expect(embeddings.rows.allSatisfy { row in abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5 })
        #expect(SentenceTransformer.untrained(seed: 1).encode(texts) == embeddings)
        #expect(SentenceTransformer.untrained(seed: 2).encode(texts) != embeddings)
    }

    @Test func changedSettingsComeBack() throws {
        let folder = try TemporaryFolder()
        var original = try model("tiny-bert")
        original.prompts = ["query": "who waits: ", "document": ""]
        original.defaultPromptName = "query"
        original.similarityFunction = .manhattan
        original.truncateDimension = 12
        original.maximumSequenceLength = 9
        let again = try saved(original, in: folder)
        #expect(again.prompts == original.prompts)
        #expect(again.defaultPromptName == "query")
        #expect(again.similarityFunction == .manhattan)
        #expect(again.truncateDimension == 12)
        #expect(again.embeddingDimension == 12)
        #expect(again.maximumSequenceLength == 9)
        let texts = try Sentences().texts
        #expect(again.encode(texts) == original.encode(texts))
    }

    @Test func changedWeightsAreWhatIsSaved() throws {
        let folder = try TemporaryFolder()
        let original = try model("tiny-dense")
        for parameter in original.parameters { parameter.value = parameter.value * 1.25 }
        let again = try saved(original, in: folder)
        for (a, b) in zip(again.parameters, original.parameters) { #expect(a.value == b.value) }
        // The files that the model was read from are as they were.
        let untouched = try model("tiny-dense")
        for (a, b) in zip(untouched.parameters, original.parameters) { #expect(a.value * 1.25 == b.value) }
    }

    @Test func tensorsWithoutUseAreKept() throws {
        let folder = try TemporaryFolder()
        try model("tiny-bert").save(to: folder.file("saved").path)
        let before = try SafetensorsFile(contentsOf: fixture("models/tiny-bert/model.safetensors"))
        let after = try SafetensorsFile(contentsOf: folder.file("saved/model.safetensors"))
        #expect(Set(after.names) == Set(before.names))
        #expect(before.names.filter { $0.hasPrefix("pooler.") }.count == 2)
        for name in before.names { #expect(try after.tensor(name) == before.tensor(name), "\(name)") }
        #expect(after.metadata == ["format": "pt"])
    }

    @Test(arguments: ["tiny-bert", "tiny-dense", "mini-bert"])
    func parametersHaveTheNamesOfTheFile(name: String) throws {
        let file = try SafetensorsFile(contentsOf: fixture("models/\(name)/model.safetensors"))
        let transformer = try #require(try model(name).transformer)
        let names = transformer.model.namedParameters.map(\.name)
        #expect(Set(names) == Set(file.names.filter { !$0.hasPrefix("pooler.") }))
        #expect(Set(names).count == names.count)
        for named in transformer.model.namedParameters {
            #expect(file[named.name]?.shape == named.parameter.shape, "\(named.name)")
            #expect(try file.tensor(named.name) == named.parameter.value, "\(named.name)")
        }
        #expect(transformer.parameterCount == names.compactMap { file[$0]?.count }.reduce(0, +))
    }

    @Test func aFolderWithContentIsNotReplacedUnlessAllowed() throws {
        let folder = try TemporaryFolder()
        let target = folder.file("saved")
        try model("mini-bert").save(to: target.path)
        let notes = target.appendingPathComponent("notes.txt")
        try Data("mine".utf8).write(to: notes)
        expectError(ModelFileError.self, [target.path, "exists"]) { try model("tiny-bert").save(to: target.path) }
        #expect(FileManager.default.fileExists(atPath: notes.path))
        #expect(try SentenceTransformer(target.path).embeddingDimension == 12)
        try model("tiny-bert").save(to: target.path, allowingExisting: true)
        #expect(try SentenceTransformer(target.path).embeddingDimension == 32)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["saved"])
    }

    @Test func aSaveThatFailsLeavesNothing() throws {
        struct Refusal: Error {}
        let folder = try TemporaryFolder()
        #expect(throws: Refusal.self) {
            try AtomicDirectory.replaceDirectory(at: folder.file("new/saved"), allowingExisting: false) { folder in
                try model("mini-bert").write(to: folder)
                throw Refusal()
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func aPlainTransformerFolderGetsMeanPooling() throws {
        let folder = try TemporaryFolder()
        let copy = try folder.copy(of: "mini-bert")
        for name in ["modules.json", "config_sentence_transformers.json", "1_Pooling"] {
            try FileManager.default.removeItem(at: copy.appendingPathComponent(name))
        }
        let plain = try SentenceTransformer(copy.path)
        let texts = try Sentences().texts
        #expect(plain.allModules.map(\.kind) == [.transformer, .pooling])
        #expect(plain.encode(texts) == (try model("mini-bert").encode(texts)))
    }

    @Test func weightsInShardsAreTheSameModel() throws {
        let folder = try TemporaryFolder()
        let copy = try folder.copy(of: "mini-bert")
        let url = copy.appendingPathComponent("model.safetensors")
        let expected = try SentenceTransformer(copy.path).encode(["A cat."])
        let file = try SafetensorsFile(contentsOf: url)
        var map = JSONObject()
        for (number, names) in [file.names.prefix(9), file.names.dropFirst(9)].enumerated() {
            let shard = "model-0000\(number + 1)-of-00002.safetensors"
            try Weights.save(names.map { ($0, try file.tensor($0)) }, to: copy.appendingPathComponent(shard))
            for name in names { map[name] = .string(shard) }
        }
        let index = copy.appendingPathComponent("model.safetensors.index.json")
        try JSONFile.write(["metadata": [:], "weight_map": .object(map)], to: index, style: .compact)
        try FileManager.default.removeItem(at: url)
        let model = try SentenceTransformer(copy.path)
        #expect(model.encode(["A cat."]) == expected)
        #expect(try saved(model, in: folder).encode(["A cat."]) == expected)
        #expect(Set(try SafetensorsFile(contentsOf: folder.file("saved/model.safetensors")).names) == Set(file.names))
    }

    /// A folder of mini-bert whose weights have another type, as its configuration says or not.
    private func ofType(
        _ configured: String?, in folder: TemporaryFolder, _ tensor: (String, Tensor) -> SafetensorsTensor
    ) throws -> URL {
        let copy = try folder.copy(of: "mini-bert")
        let (url, config) = (copy.appendingPathComponent("model.safetensors"), copy.appendingPathComponent("config.json"))
        let file = try SafetensorsFile(contentsOf: url)
        try SafetensorsWriter.write(file.names.map { tensor($0, try file.tensor($0)) }, to: url)
        var object = try JSONFile.readObject(config)
        object["dtype"] = nil
        if let configured { (object["dtype"], object["torch_dtype"]) = (.string(configured), .string(configured)) }
        try JSONFile.write(.object(object), to: config, style: JSONStyle(indentation: 2, sortsKeys: true))
        return copy
    }

    @Test(arguments: ["float16", "bfloat16", "float64", "float32", nil])
    func aConfigurationNamesTheTypeOfTheFileBesideIt(configured: String?) throws {
        let folder = try TemporaryFolder()
        let copy = try ofType(configured, in: folder) { SafetensorsTensor(name: $0, float16: $1) }
        let original = try SentenceTransformer(copy.path)
        for parameter in original.parameters { parameter.value = parameter.value * 1.00001 }
        let again = try saved(original, in: folder)
        #expect(again.encode(["A cat."]) == original.encode(["A cat."]))
        let weights = try SafetensorsFile(contentsOf: folder.file("saved/model.safetensors"))
        #expect(weights.entries.allSatisfy { $0.dtype == .float32 })
        let written = try JSONFile.readObject(folder.file("saved/config.json"))
        #expect(written["dtype"] == configured.map { _ in "float32" })
        #expect(written["torch_dtype"] == configured.map { _ in "float32" })
    }

    @Test func aModelInDoublePrecisionIsSavedAsSuch() throws {
        let folder = try TemporaryFolder()
        let copy = try ofType("float32", in: folder) { SafetensorsTensor(name: $0, tensor: $1.cast(to: .float64)) }
        _ = try saved(SentenceTransformer(copy.path), in: folder)
        let weights = try SafetensorsFile(contentsOf: folder.file("saved/model.safetensors"))
        #expect(weights.entries.allSatisfy { $0.dtype == .float64 })
        #expect(try JSONFile.readObject(folder.file("saved/config.json"))["dtype"] == "float64")
    }

    @Test func aDecodersConfigurationNamesTheTypeOfItsFileToo() throws {
        let folder = try TemporaryFolder()
        let decoder = try BertDecoder(folder: fixture("unsupervised/decoder"), key: RandomKey(1))
        for parameter in decoder.parameters { parameter.value = parameter.value.cast(to: .float64) }
        try decoder.save(to: folder.url)
        #expect(try JSONFile.readObject(folder.file("config.json"))["dtype"] == "float64")
    }

    /// Files of other programs: names with a prefix, norms called gamma and beta, half precision.
    @Test func namesWithPrefixAndOldNormsAreUnderstood() throws {
        let folder = try TemporaryFolder()
        let copy = try folder.copy(of: "mini-bert")
        let url = copy.appendingPathComponent("model.safetensors")
        let file = try SafetensorsFile(contentsOf: url)
        let tensors =
            try file.names.map { name in
                var old = "bert." + name
                if old.hasSuffix("LayerNorm.weight") { old = old.dropLast(6) + "gamma" }
                if old.hasSuffix("LayerNorm.bias") { old = old.dropLast(4) + "beta" }
                return SafetensorsTensor(name: old, tensor: try file.tensor(name))
            } + [SafetensorsTensor(name: "cls.predictions.bias", tensor: .zeros([3]))]
        try SafetensorsWriter.write(tensors, to: url)
        let texts = try Sentences().texts
        let renamed = try SentenceTransformer(copy.path)
        #expect(renamed.encode(texts) == (try model("mini-bert").encode(texts)))
        #expect(renamed.namedParameters.map(\.name) == (try model("mini-bert").namedParameters.map(\.name)))
    }
}
