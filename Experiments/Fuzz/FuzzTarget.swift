import Foundation
import TapestryCommands

/// A parser, valid files for it, and what counts as reading one.
struct FuzzTarget: Sendable {
    let name: String
    /// The content of a folder, by path: a parser may need more files than the one that is damaged.
    private let files: [String: [UInt8]]
    /// Which of them are damaged, one at a time.
    private let damaged: [String]
    /// Puts right, now and then, what would hide the rest: the length of a header.
    private let repair: (@Sendable ([UInt8]) -> [UInt8])?
    private let read: @Sendable (_ folder: URL, _ path: String) throws -> Void

    /// A new name for a folder, in memory where there is such a place: files that are flushed to a disk take their time.
    static var scratchFolder: URL {
        let memory = URL(fileURLWithPath: "/dev/shm"), hasMemory = FileManager.default.fileExists(atPath: memory.path)
        return (hasMemory ? memory : FileManager.default.temporaryDirectory).appendingPathComponent("fuzz-\(UUID().uuidString)")
    }

    /// Whether an error says what is wrong: one of this library's, no one of the system's.
    static func isTyped(_ error: any Error) -> Bool {
        let module = String(reflecting: type(of: error)).prefix { $0 != "." }
        return !["Foundation", "FoundationEssentials", "Swift", "__C", "NSError"].contains(String(module))
    }

    /// Reads one damaged input in a folder of its own, which is made when it is not there.
    ///
    /// - Throws: Only what no parser should: an error that is none of this library's.
    func run(seed: UInt64, input: UInt64, in folder: URL) throws {
        var generator = CountedGenerator(seed: seed, input: input)
        let path = damaged.randomElement(using: &generator)!
        if !FileManager.default.fileExists(atPath: folder.path) { try write(to: folder) }
        var content = Mutator.mutated(files[path]!, others: damaged.compactMap { files[$0] }, &generator)
        if let repair, Bool.random(using: &generator) { content = repair(content) }
        let url = folder.appendingPathComponent(path)
        try Data(content).write(to: url)
        defer { try? Data(files[path]!).write(to: url) }
        do {
            try read(folder, path)
        } catch  where Self.isTyped(error) {}
    }

    private func write(to folder: URL) throws {
        for (path, content) in files {
            let url = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content).write(to: url)
        }
    }

    // MARK: Targets

    /// - Parameter root: The package's folder; seeds are its tests' fixtures.
    static func all(root: URL) throws -> [FuzzTarget] {
        let fixtures = root.appendingPathComponent("Tests/Fixtures")
        let model = try content(of: fixtures.appendingPathComponent("models/tiny-dense"))
        let configurations = model.keys.filter { $0.hasSuffix(".json") && !$0.hasPrefix("tokenizer") }.sorted()
        let clip = try content(of: fixtures.appendingPathComponent("clip/model"))
        let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##a", "##b", "é"]
        return [
            FuzzTarget("json", ["a": text(json), "b": model["tokenizer.json"]!]) { folder, path in
                let value = try JSONValue.parse([UInt8](Data(contentsOf: folder.appendingPathComponent(path))))
                _ = try JSONValue.parse([UInt8](value.serialized(.compact).utf8))
            },
            FuzzTarget(
                "csv",
                [
                    "a.csv": text(csv), "b.csv": text("text;label\na;1,5\nb;2\n"), "c.csv": text("a,labels\nx,\"[1, 2]\"\ny,\"[3, 4]\"\n"),
                ], read: readTable),
            FuzzTarget("tsv", ["a.tsv": text(csv.replacingOccurrences(of: ",", with: "\t"))], read: readTable),
            FuzzTarget("jsonl", ["a.jsonl": text(jsonLines)], read: readTable),
            FuzzTarget("json table", try files(fixtures, ["tables/pairs.json", "tables/nested.json"]), read: readTable),
            FuzzTarget("compressed", try files(fixtures, ["tables/pairs.jsonl.gz", "tables/pairs.jsonl.zst"]), read: readTable),
            FuzzTarget(
                "parquet",
                try files(
                    fixtures,
                    [
                        "required", "legacy", "duckdb-v1", "duckdb-v2", "delta-bytes-v1", "delta-length-v2", "delta-packed-v2",
                        "streams-v1", "bits-v2",
                        "snappy-v1", "gzip-v2", "brotli-v1", "lz4-v2",
                    ].map { "tables/\($0).parquet" }), read: readTable),
            FuzzTarget(
                "arrow",
                try files(fixtures, ["file", "stream", "file-lz4", "stream-zstd", "more", "more-lz4"].map { "tables/\($0).arrow" }),
                read: readTable),
            FuzzTarget("sqlite", try files(fixtures, ["tables/pairs.sqlite"]), read: readTable),
            FuzzTarget(
                "safetensors", try files(fixtures, ["modelfiles/every_type.safetensors", "models/mini-bert/model.safetensors"]),
                read: readSafetensors, repair: repairedSafetensors),
            FuzzTarget("torch.save", try files(fixtures, ["tensors", "older", "deflated", "zip64", "parts"].map { "weights/\($0).bin" })) {
                folder, path in
                let file = try TorchFile(contentsOf: folder.appendingPathComponent(path))
                for entry in file.tensors { try file.rawTensor(entry.name).withBytes { _ = $0.reduce(0 as UInt8, &+) } }
            },
            FuzzTarget(
                "npy",
                try files(
                    fixtures,
                    ["array_f4", "array_f8", "array_i4", "array_i8", "empty", "fortran", "scalar", "vector"]
                        .map { "modelfiles/\($0).npy" })
            ) { folder, path in
                let file = try NumpyFile(contentsOf: folder.appendingPathComponent(path))
                file.withUnsafeBytes { _ = $0.reduce(0 as UInt8, &+) }
                _ = try file.values(as: Float.self)
            },
            FuzzTarget("tokenizer.json", model.filter { $0.key.hasPrefix("tokenizer") }, read: readTokenizer),
            FuzzTarget("tokenizer components", ["tokenizer.json": text(componentsJSON)], read: readTokenizer),
            FuzzTarget(
                "vocab.txt",
                [
                    "vocab.txt": text(vocabulary.joined(separator: "\n")), "tokenizer_config.json": text("{\"do_lower_case\": true}"),
                    "special_tokens_map.json": text("{\"unk_token\": \"[UNK]\", \"cls_token\": {\"content\": \"[CLS]\"}}"),
                    "added_tokens.json": text("{\"[X]\": 10}"),
                ], read: readTokenizer),
            FuzzTarget(
                "merges",
                [
                    "vocab.json": text(merged), "merges.txt": text("#version: 0.2\na b\nĠ a\n"),
                    "tokenizer_config.json": text("{\"tokenizer_class\": \"RobertaTokenizer\", \"add_prefix_space\": false}"),
                ], read: readTokenizer),
            FuzzTarget(
                "sentencepiece", try files(fixtures, ["sentencepiece/unigram.model", "sentencepiece/bpe.model"]), read: readSentencePiece),
            FuzzTarget("expressions", ["a": text(expressions[0]), "b": text(expressions[1]), "c": text(expressions[2])]) { folder, path in
                let expression = String(decoding: try Data(contentsOf: folder.appendingPathComponent(path)), as: UTF8.self)
                let pattern: JSONValue = ["Regex": .string(expression)]
                try readTokenizer(
                    folder, normalizer: ["type": "Replace", "pattern": pattern, "content": "-"],
                    preTokenizer: ["type": "Split", "pattern": pattern, "behavior": "MergedWithNext", "invert": false])
            },
            FuzzTarget("character map", ["a": characterMap]) { folder, path in
                let map = try Data(contentsOf: folder.appendingPathComponent(path)).base64EncodedString()
                try readTokenizer(
                    folder, normalizer: ["type": "Precompiled", "precompiled_charsmap": .string(map)], preTokenizer: .null)
            },
            FuzzTarget("model directory", model, damaged: configurations) { folder, _ in
                _ = try SentenceTransformer(folder.path).encode(["a cat", "", "red [MASK] é"])
            },
            FuzzTarget(
                "images",
                try files(
                    fixtures,
                    [
                        "gray.png", "interlaced.png", "palette.png", "turned.png", "wide.png", "inks.jpg", "plain.jpg", "progressive.jpg",
                        "turned-6.jpg",
                    ]
                    .map { "clip/images/\($0)" }),
                read: { folder, path in
                    let image = try Image(contentsOf: folder.appendingPathComponent(path), maximumPixelCount: 1 << 22)
                    _ = image.resized(width: 7, height: 5, columns: -1..<4, rows: 2..<6)
                }, repair: repairedPNG),
            FuzzTarget(
                "clip directory", clip, damaged: ["config.json", "processor_config.json", "sentence_bert_config.json", "modules.json"]
            ) { folder, _ in
                let model = try SentenceTransformer(folder.path)
                _ = model.encode(["a cat", ""])
                if model.input is CLIPModel { _ = model.encode(images: [Image(width: 3, height: 9, red: 1, green: 2, blue: 3)]) }
            },
            FuzzTarget("run configuration", ["a.yaml": text(yaml), "b.json": text(runJSON)]) { folder, path in
                let run = try RunConfiguration(config: folder.appendingPathComponent(path).path, flags: [("epochs", "2")])
                _ = try run.trainingArguments()
                _ = try LossCatalog.loss(run.loss())
            },
        ]
    }

    private init(
        _ name: String, _ files: [String: [UInt8]], damaged: [String]? = nil,
        read: @escaping @Sendable (URL, String) throws -> Void, repair: (@Sendable ([UInt8]) -> [UInt8])? = nil
    ) {
        (self.name, self.files, self.repair, self.read) = (name, files, repair, read)
        self.damaged = damaged ?? files.keys.sorted()
    }

    @Sendable private static func readTable(_ folder: URL, _ path: String) throws {
        let table = try Table(contentsOf: folder.appendingPathComponent(path))
        for row in 0..<min(table.rowCount, 1000) { _ = table.object(atRow: row) }
        for column in table.columns { _ = try? Dataset(table, inputs: [column.name]) }
        let dataset = try Dataset(table)
        for column in dataset.columns { _ = (column.rowCount, column.kind) }
        try dataset.writeCSV(to: folder.appendingPathComponent("written.csv"))
    }

    @Sendable private static func readSafetensors(_ folder: URL, _ path: String) throws {
        let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent(path))
        for entry in file.entries { file.withUnsafeBytes(of: entry) { _ = $0.reduce(0 as UInt8, &+) } }
        for name in file.names { _ = try file.tensor(name) }
    }

    @Sendable private static func readTokenizer(_ folder: URL, _ path: String) throws {
        let tokenizer = try PretrainedTokenizer(directory: folder)
        for text in ["", "a cat sat on the mat.", "ab [MASK] é 東京 \u{0}\u{FFFD} 123 ab ab"] {
            _ = tokenizer.decode(tokenizer.encode(text, maximumLength: 16))
            _ = tokenizer.encode(text, "b", maximumLength: 8)
        }
    }

    /// A model of SentencePiece in a folder of its own, as two classes read it.
    @Sendable private static func readSentencePiece(_ folder: URL, _ path: String) throws {
        let own = folder.appendingPathComponent("own")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        let model = own.appendingPathComponent("spiece.model")
        try Data(contentsOf: folder.appendingPathComponent(path)).write(to: model)
        for name in [path.hasPrefix("bpe") ? "LlamaTokenizer" : "XLMRobertaTokenizer", "PreTrainedTokenizerFast"] {
            try Data("{\"tokenizer_class\": \"\(name)\"}".utf8).write(to: own.appendingPathComponent("tokenizer_config.json"))
            try readTokenizer(own, "")
        }
    }

    /// A tokenizer of single characters with these parts.
    private static func readTokenizer(_ folder: URL, normalizer: JSONValue, preTokenizer: JSONValue) throws {
        let own = folder.appendingPathComponent("own")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        let document: JSONValue = [
            "normalizer": normalizer, "pre_tokenizer": preTokenizer,
            "model": ["type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["ab", -1.5]]],
        ]
        try Data(document.serialized(.compact).utf8).write(to: own.appendingPathComponent("tokenizer.json"))
        try readTokenizer(own, "")
    }

    // MARK: Seeds

    private static let expressions = [
        #"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
        #"(?:(a*)*|ab?)*?(?<=a|bc)(?=[[:alpha:]&&[^b-d\x{41}]])(?>a{2,3})++\bx|(?x) ^ . $ # y"#, #"(?:(?:a+)+|(a|aa)+)+$"#,
    ]
    /// A becomes BC, B nothing: a tree of four characters, and what they become.
    private static let characterMap: [UInt8] = {
        var units = [UInt32](repeating: 0, count: 256)
        units[0] = 1 << 10
        units[1 ^ 0x41] = 0x41 | 1 << 8 | UInt32(1 ^ 0x41 ^ 0x80) << 10
        units[0x80] = 1 << 31
        units[1 ^ 0x42] = 0x42 | 1 << 8 | UInt32(1 ^ 0x42 ^ 0x81) << 10
        units[0x81] = 1 << 31 | 2
        let bytes = ([UInt32(units.count * 4)] + units).flatMap { unit in
            (0..<4).map { UInt8(truncatingIfNeeded: unit >> (8 * UInt32($0))) }
        }
        return bytes + [0x42, 0x43, 0, 0]
    }()

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func files(_ folder: URL, _ paths: [String]) throws -> [String: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: try paths.map { path in
                let url = folder.appendingPathComponent(path)
                return (url.lastPathComponent, [UInt8](try Data(contentsOf: url)))
            })
    }

    private static func content(of folder: URL) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let url = folder.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
            files[path] = [UInt8](try Data(contentsOf: url))
        }
        return files
    }

    /// Gives a safetensors file the length of the header that it has now.
    @Sendable private static func repairedSafetensors(_ content: [UInt8]) -> [UInt8] {
        guard content.count > 8, let end = content.lastIndex(of: 125) else { return content }
        var content = content
        let length = UInt64(max(0, end + 1 - 8))
        for i in 0..<8 { content[i] = UInt8(truncatingIfNeeded: length >> (8 * UInt64(i))) }
        return content
    }

    /// Gives the chunks of a PNG file the check sums of what they hold now.
    @Sendable private static func repairedPNG(_ content: [UInt8]) -> [UInt8] {
        var content = content, position = 8
        while position + 12 <= content.count {
            let length = content[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }, end = position + 8 + length
            guard end + 4 <= content.count else { break }
            let sum = ~content[position + 4..<end].reduce(UInt32.max) { sum, byte in
                (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
            }
            for i in 0..<4 { content[end + i] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(i))) }
            position = end + 4
        }
        return content
    }

    private static let json =
        #"{"a": [1, -2.5e3, true, false, null, "é\u00e9\ud83d\ude00\n"], "b": {"c": {}}, "d": [], "e": 12345678901234567890}"#
    private static let csv = "sentence1,sentence2,score\n\"a \"\"b\"\", c\",d,0.5\n\"e\nf\",g,1\n,h,-2e3\n"
    private static let jsonLines = """
        {"anchor": "a", "positive": "b\\n", "label": [0.5, 1], "matrix": [[1, 2], [3, 4]], "words": ["x", "y"], "n": 1}
        {"anchor": "c", "positive": "d", "label": [2, -3e5], "matrix": [[1, 2], [3, 4]], "words": ["z"], "n": 2.5}
        """
    private static let merged = """
        {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "ab": 7, "Ġ": 8, "Ġa": 9}
        """
    private static let yaml = """
        model: models/minilm
        train: train.csv
        loss: {name: MatryoshkaLoss, matryoshka_dims: [384, 64], loss: {name: CoSENTLoss, scale: 5}}
        loss_options: &anchor
          n_dims_per_step: 1
        output: models/mine
        epochs: 1.5
        batch-size: 64
        columns: [anchor, "positive"]
        warmup_ratio: 0.1
        save_strategy: epoch
        """
    private static let runJSON = """
        {"train": "a.csv", "loss": "CoSENTLoss", "loss_options": {"scale": 5}, "learning_rate": 1e-5, "max_steps": 10, "seed": 7, "output": "x"}
        """
    /// A tokenizer of many kinds of components.
    private static let componentsJSON = """
        {"version": "1.0", "added_tokens": [{"id": 0, "content": "<unk>", "single_word": false, "lstrip": true, "rstrip": false,
            "normalized": true, "special": true}],
         "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}, {"type": "StripAccents"},
            {"type": "Replace", "pattern": {"String": "  "}, "content": " "}, {"type": "Prepend", "prepend": "▁"},
            {"type": "Strip", "strip_left": true, "strip_right": false}]},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
            {"type": "Punctuation", "behavior": "Isolated"}, {"type": "CharDelimiterSplit", "delimiter": "|"},
            {"type": "Split", "pattern": {"String": "-"}, "behavior": "MergedWithPrevious", "invert": false},
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]},
         "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null, "end_of_word_suffix": null,
            "fuse_unk": true, "byte_fallback": true, "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "Ġ": 4, "<0x41>": 5},
            "merges": [["a", "b"]]},
         "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<unk>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<unk>": {"id": "<unk>", "ids": [0], "tokens": ["<unk>"]}}},
         "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Metaspace", "replacement": "▁"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}}
        """
}
