import Foundation
import JSON
import Testing
@testable import ModelFiles

/// Configuration files of both generations are understood, checked, and written back without loss.
struct ConfigurationTests {
    func read<C: ModelConfiguration>(_ type: C.Type, _ text: String) throws -> C {
        let folder = try TemporaryFolder()
        return try C.read(contentsOf: folder.write(text, "c.json"))
    }

    /// Reads a fixture, writes it in the same style and expects the same JSON, key for key.
    func expectFixtureSurvives<C: ModelConfiguration>(_ type: C.Type, _ path: String) throws {
        let folder = try TemporaryFolder()
        try C.read(contentsOf: fixture("tiny-bert/\(path)")).write(toFolder: folder.url)
        let written = folder.file(C.fileName)
        #expect(try JSONFile.read(written) == JSONFile.read(fixture("tiny-bert/\(path)")), "\(path)")
    }

    @Test func filesOfVersion6AreWrittenBackUnchanged() throws {
        try expectFixtureSurvives(SentenceTransformerConfiguration.self, "config_sentence_transformers.json")
        try expectFixtureSurvives(TransformerModuleConfiguration.self, "sentence_bert_config.json")
        try expectFixtureSurvives(PoolingConfiguration.self, "1_Pooling/config.json")
        try expectFixtureSurvives(DenseConfiguration.self, "2_Dense/config.json")
        try expectFixtureSurvives(NormalizeConfiguration.self, "3_Normalize/config.json")
    }

    // MARK: Pooling

    @Test func poolingOfVersion6() throws {
        let pooling = try PoolingConfiguration.read(contentsOf: fixture("tiny-bert/1_Pooling/config.json"))
        #expect(pooling.modes == [.mean, .cls])
        #expect(pooling.embeddingDimension == 8)
        #expect(pooling.outputDimension == 16)
        #expect(pooling.includesPrompt)
        let single = try read(
            PoolingConfiguration.self,
            #"{"embedding_dimension":4,"pooling_mode":"lasttoken","include_prompt":false}"#)
        #expect(single.modes == [.lastToken])
        #expect(!single.includesPrompt)
    }

    @Test func oldPoolingFlagsConcatenateInTheirOrder() throws {
        let text =
            #"{"word_embedding_dimension":4,"pooling_mode_lasttoken":true,"pooling_mode_mean_tokens":true,"#
            + #""pooling_mode_cls_token":true,"pooling_mode_max_tokens":false,"pooling_mode_weightedmean_tokens":true,"#
            + #""pooling_mode_mean_sqrt_len_tokens":true}"#
        let pooling = try read(PoolingConfiguration.self, text)
        #expect(pooling.modes == [.cls, .mean, .meanSqrtLength, .weightedMean, .lastToken])
        #expect(pooling.includesPrompt)
        let none = try read(
            PoolingConfiguration.self,
            #"{"word_embedding_dimension":4,"pooling_mode_mean_tokens":false}"#)
        #expect(none.modes == [.mean])
        // With both, the new key rules.
        let both = try read(
            PoolingConfiguration.self,
            #"{"embedding_dimension":4,"pooling_mode":"max","pooling_mode_cls_token":true,"x":1}"#)
        #expect(both.modes == [.max])
        #expect(both.unknownKeys == ["x": .integer(1)])
    }

    @Test func poolingIsWrittenInEitherStyle() throws {
        let pooling = PoolingConfiguration(embeddingDimension: 4, modes: [.cls, .mean], includesPrompt: false)
        for style in [ModelFileStyle.version6, .legacy] {
            let folder = try TemporaryFolder()
            try pooling.write(toFolder: folder.url, style: style)
            #expect(try PoolingConfiguration.read(fromFolder: folder.url) == pooling)
        }
        #expect(pooling.json(.legacy)["pooling_mode_cls_token"] == .bool(true))
        #expect(pooling.json(.legacy)["embedding_dimension"] == nil)
        #expect(pooling.json(.version6)["pooling_mode"] == ["cls", "mean"])
        let reversed = PoolingConfiguration(embeddingDimension: 4, modes: [.mean, .cls])
        #expect(reversed.json(.legacy)["pooling_mode"] == ["mean", "cls"])
    }

    @Test(arguments: [
        (#"{}"#, ["\"embedding_dimension\"", "required"]),
        (#"{"embedding_dimension":0}"#, ["\"embedding_dimension\"", "the integer 0"]),
        (#"{"embedding_dimension":"8"}"#, ["\"embedding_dimension\"", "the string \"8\""]),
        (#"{"embedding_dimension":8,"word_embedding_dimension":9}"#, ["8", "9"]),
        (#"{"embedding_dimension":8,"pooling_mode":[]}"#, ["\"pooling_mode\"", "empty", "weightedmean"]),
        (#"{"embedding_dimension":8,"pooling_mode_cls_token":1}"#, ["\"pooling_mode_cls_token\"", "true or false"]),
        (#"{"embedding_dimension":8,"include_prompt":"yes"}"#, ["\"include_prompt\"", "true or false"]),
        (#"[]"#, ["a list"]),
    ])
    func refusesBrokenPooling(text: String, words: [String]) {
        expectError(.malformed, words + ["c.json"]) { _ = try read(PoolingConfiguration.self, text) }
    }

    @Test func refusesAnUnknownPoolingMode() {
        expectError(.unsupported, ["\"median\"", "cls, max, mean"]) {
            _ = try read(
                PoolingConfiguration.self,
                #"{"embedding_dimension":8,"pooling_mode":["mean","median"]}"#)
        }
    }

    // MARK: Dense, Normalize

    @Test func denseDefaultsAndErrors() throws {
        let dense = try read(DenseConfiguration.self, #"{"in_features":3,"out_features":2}"#)
        #expect(dense == DenseConfiguration(inputFeatures: 3, outputFeatures: 2))
        #expect(dense.activationName == "Tanh")
        #expect(dense.json(.legacy).keys == ["in_features", "out_features", "bias", "activation_function"])
        let residual = try read(
            DenseConfiguration.self,
            #"{"in_features":3,"out_features":2,"bias":false,"#
                + #""activation_function":"torch.nn.modules.linear.Identity","use_residual":true,"module_input_name":"x"}"#)
        #expect(residual.usesResidual && !residual.hasBias)
        #expect(residual.outputName == "x")
        #expect(residual.activationName == "Identity")
        #expect(residual.json(.version6)["use_residual"] == .bool(true))
        expectError(.malformed, ["\"out_features\"", "required"]) {
            _ = try read(DenseConfiguration.self, #"{"in_features":3}"#)
        }
        expectError(.unsupported, ["\"activation_function\"", "mine.Act"]) {
            _ = try read(
                DenseConfiguration.self,
                #"{"in_features":3,"out_features":2,"activation_function":"mine.Act"}"#)
        }
    }

    @Test func normalizeNeedsNoFile() throws {
        let folder = try TemporaryFolder()
        #expect(try NormalizeConfiguration.readIfPresent(fromFolder: folder.url) == nil)
        expectError(.missing, ["config.json"]) { _ = try NormalizeConfiguration.read(fromFolder: folder.url) }
        try folder.write(#"{"module_input_name":"a"}"#, "config.json")
        #expect(try NormalizeConfiguration.readIfPresent(fromFolder: folder.url)?.outputName == "a")
    }

    // MARK: Whole model

    @Test func sentenceTransformerConfiguration() throws {
        let path = fixture("tiny-bert/config_sentence_transformers.json")
        let configuration = try SentenceTransformerConfiguration.read(contentsOf: path)
        #expect(configuration.prompts == ["query": "query: ", "document": ""])
        #expect(configuration.similarityFunctionName == "cosine")
        #expect(configuration.modelType == "SentenceTransformer")
        #expect(configuration.versions["sentence_transformers"] == "6.2.0")
        let old = try read(SentenceTransformerConfiguration.self, #"{"__version__":{"pytorch":"1.8.1"}}"#)
        #expect(old.prompts == [:] && old.similarityFunctionName == nil && old.modelType == "SentenceTransformer")
        expectError(.malformed, ["default_prompt_name", "\"q\"", "\"query\""]) {
            _ = try read(
                SentenceTransformerConfiguration.self,
                #"{"prompts":{"query":""},"default_prompt_name":"q"}"#)
        }
        expectError(.unsupported, ["similarity_fn_name", "\"jaccard\"", "manhattan"]) {
            _ = try read(SentenceTransformerConfiguration.self, #"{"similarity_fn_name":"jaccard"}"#)
        }
        expectError(.malformed, ["prompts.query", "null"]) {
            _ = try read(SentenceTransformerConfiguration.self, #"{"prompts":{"query":null}}"#)
        }
        expectError(.malformed, ["truncate_dim", "0"]) {
            _ = try read(SentenceTransformerConfiguration.self, #"{"truncate_dim":0}"#)
        }
    }

    @Test func transformerModuleConfigurationUnderAnyName() throws {
        let folder = try TemporaryFolder()
        #expect(try TransformerModuleConfiguration.readAnyName(fromFolder: folder.url) == .init())
        try folder.write(#"{"max_seq_length":128,"do_lower_case":true,"x":[1]}"#, "sentence_xlm-roberta_config.json")
        let old = try TransformerModuleConfiguration.readAnyName(fromFolder: folder.url)
        #expect(old.maxSequenceLength == 128 && old.doLowerCase)
        for style in [ModelFileStyle.version6, .legacy] {
            try old.write(toFolder: folder.url, style: style)
            #expect(try TransformerModuleConfiguration.readAnyName(fromFolder: folder.url).maxSequenceLength == 128)
            #expect(try TransformerModuleConfiguration.readAnyName(fromFolder: folder.url).unknownKeys["x"] != nil)
        }
        #expect(old.json(.legacy).keys == ["max_seq_length", "do_lower_case", "x"])
        try folder.write(#"{"max_seq_length":-1}"#, "sentence_bert_config.json")
        expectError(.malformed, ["sentence_bert_config.json", "max_seq_length", "-1"]) {
            _ = try TransformerModuleConfiguration.readAnyName(fromFolder: folder.url)
        }
    }
}
