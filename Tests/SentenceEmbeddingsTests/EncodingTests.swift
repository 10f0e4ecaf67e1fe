import Tapestry
import Testing

/// What `encode` promises beside the figures themselves.
struct EncodingTests {
    @Test(arguments: ["tiny-bert", "tiny-dense"])
    func aSentenceDoesNotDependOnTheOthersBitForBit(name: String) throws {
        let model = try model(name)
        let texts = try Sentences().texts
        let together = model.encode(texts)
        for (row, text) in texts.enumerated() {
            #expect(model.encode([text]).rows[0] == together.rows[row], "\(text)")
        }
    }

    @Test(arguments: [1, 2, 5, 7, 32])
    func orderAndBatchSizeDoNotMatter(batchSize: Int) throws {
        let model = try model("tiny-bert")
        // Enough of them that several are as long as one another, and that batches are cut anywhere.
        let texts = try Sentences().texts + BuiltInData.scoredPairs(.test).columns[0].texts.prefix(40)
        let rows = model.encode(texts).rows
        #expect(model.encode(texts, batchSize: batchSize).rows == rows)
        let backwards = model.encode(texts.reversed(), batchSize: batchSize).rows
        #expect(backwards == rows.reversed())
    }

    @Test func noSentenceGivesNoRow() throws {
        let model = try model("tiny-bert")
        #expect(model.encode([]).shape == [0, 32])
        #expect(model.encode([], truncateDimension: 5).shape == [0, 5])
    }

    @Test func longTextsAreCut() throws {
        var model = try model("tiny-bert")
        let text = try Sentences().texts[4]
        let words = text.split(separator: " ")
        let full = model.input.tokenize(text)
        model.maximumSequenceLength = 7
        let cut = model.input.tokenize(text)
        #expect(full.count > 7)
        #expect(cut == Array(full.prefix(6)) + [full[full.count - 1]])
        let short = words.prefix(4).joined(separator: " ")
        // "the quiet dog sleep ##s": five pieces and the two special tokens are what is left.
        #expect(model.encode([text]) == model.encode([short]))
        #expect(model.encode([text]) != model.encode([words.prefix(3).joined(separator: " ")]))
    }

    @Test func aMaximumBeyondThePositionsIsCutToThem() throws {
        var model = try model("mini-bert")
        #expect(model.maximumSequenceLength == 24)
        model.maximumSequenceLength = 1000
        #expect(model.maximumSequenceLength == 24)
        let text = Array(repeating: "red", count: 300).joined(separator: " ")
        #expect(model.input.tokenize(text).count == 24)
        #expect(model.encode([text]).isFinite)
    }

    @Test func truncationKeepsTheFirstNumbers() throws {
        var model = try model("tiny-bert")
        let texts = try Sentences().texts
        let full = model.encode(texts).rows
        let eight = full.map { Array($0.prefix(8)) }
        #expect(model.encode(texts, truncateDimension: 8).rows == eight)
        #expect(model.encode(texts, truncateDimension: 1000).rows == full)
        model.truncateDimension = 8
        #expect(model.embeddingDimension == 8)
        #expect(model.encode(texts).rows == eight)
        #expect(model.encode(texts, truncateDimension: 4).rows == full.map { Array($0.prefix(4)) })
    }

    @Test func normalizationComesAfterTruncation() throws {
        let model = try model("tiny-dense")
        let texts = try Sentences().texts
        let plain = model.encode(texts, truncateDimension: 5).rows
        let lengths = plain.map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(lengths.allSatisfy { abs($0 - 1) > 1e-3 })
        let normalized = model.encode(texts, normalizesEmbeddings: true, truncateDimension: 5).rows
        for (row, (before, length)) in zip(normalized, zip(plain, lengths)) {
            #expect(zip(row, before).allSatisfy { abs($0 - $1 / length) < 1e-6 })
        }
    }

    @Test func progressCountsToTheEnd() throws {
        var counts: [Int] = []
        let texts = (1...5).map { [String](repeating: "dog", count: $0).joined(separator: " ") }
        _ = try model("mini-bert").encode(texts, batchSize: 2) { counts.append($0) }
        #expect(counts == [2, 4, 5])
    }

    @Test func textsOfTheSameTokensAreComputedOnceAndAllCounted() throws {
        let model = try model("tiny-bert")
        let texts = ["the dog sleeps", "a cat", "The Dog sleeps", "a cat", "the dog sleeps"]
        var counts: [Int] = []
        let rows = model.encode(texts, batchSize: 1) { counts.append($0) }.rows
        #expect(counts == [3, 5])
        for (row, text) in zip(rows, texts) { #expect(row == model.encode([text]).rows[0], "\(text)") }
    }

    // MARK: Prompts

    @Test func promptsStandInFrontOfTheText() throws {
        var model = try model("tiny-bert")
        model.prompts = ["query": "who waits: ", "document": "", "other": "the dog "]
        let plain = model.encode(["sleeps"])
        let asked = model.encode(["who waits: sleeps"])
        #expect(plain != asked)
        #expect(model.encode(["sleeps"], promptName: "query") == asked)
        #expect(model.encodeQuery(["sleeps"]) == asked)
        #expect(model.encodeDocument(["sleeps"]) == plain)
        // A prompt wins over a name, a name over the default.
        let other = model.encode(["the dog sleeps"])
        #expect(model.encode(["sleeps"], promptName: "query", prompt: "the dog ") == other)
        model.defaultPromptName = "other"
        #expect(model.encode(["sleeps"]) == other)
        #expect(model.encode(["sleeps"], promptName: "query") == asked)
        #expect(model.encode(["sleeps"], prompt: "") == plain)
    }

    @Test func documentsTakeTheFirstPromptOfTheirNames() throws {
        var model = try model("tiny-bert")
        model.prompts = ["corpus": "the cat ", "passage": "the dog "]
        #expect(model.encodeDocument(["sleeps"]) == model.encode(["the dog sleeps"]))
        #expect(model.encodeQuery(["sleeps"]) == model.encode(["sleeps"]))
        model.prompts = ["corpus": "the cat "]
        #expect(model.encodeDocument(["sleeps"]) == model.encode(["the cat sleeps"]))
    }

    @Test func theDefaultPromptIsNeitherThatOfQueriesNorThatOfDocuments() throws {
        let unprompted = try model("tiny-bert")
        var model = unprompted
        (model.prompts, model.defaultPromptName) = (["other": "the dog "], "other")
        let plain = unprompted.encode(["sleeps"])
        #expect(model.encode(["sleeps"]) != plain)
        #expect(model.encodeQuery(["sleeps"]) == plain)
        #expect(model.encodeDocument(["sleeps"]) == plain)
        let triplets = TripletEvaluator(anchors: ["a cat"], positives: ["the dog sleeps"], negatives: ["red"])
        #expect(try triplets(model).primaryValue == triplets(unprompted).primaryValue)
    }

    @Test func aPromptIsLeftOutOfThePooling() throws {
        let bert = try #require(try model("tiny-bert").transformer)
        let folder = try TemporaryFolder()
        var configuration = PoolingConfiguration(embeddingDimension: 32, modes: [.mean])
        configuration.includesPrompt = false
        try configuration.write(toFolder: folder.url)
        let model = SentenceTransformer(bert, [try Pooling(folder: folder.url)])
        // [CLS] the dog | sleep ##s [SEP]: the mean is over the last three tokens of the whole sequence.
        let batch = TokenBatch(sequences: [bert.tokenize("the dog sleeps")])
        let states = try #require(bert.model.hiddenStates(batch, in: .inference).last)
        #expect(states.shape[0] == 6)
        let byHand = states.sliced(3..<6).mean(alongAxis: 0).values
        let ours = model.encode(["sleeps"], prompt: "the dog ").values
        #expect(zip(ours, byHand).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    // MARK: Similarity

    private static let points = (Tensor([[1, 0], [3, 4]]), Tensor([[0, 2], [3, 4]]))

    @Test(arguments: [
        (SimilarityFunction.cosine, [[0.0, 0.6], [0.8, 1.0]]), (.dot, [[0, 3], [8, 25]]),
        (.euclidean, [[-2.236068, -4.472136], [-3.605551, 0]]),
        (.manhattan, [[-3, -6], [-5, 0]]),
    ])
    func similaritiesAreThoseWorkedByHand(function: SimilarityFunction, matrix: [[Double]]) throws {
        var model = try model("mini-bert")
        #expect(model.similarityFunction == .cosine)
        model.similarityFunction = function
        let found = model.similarity(Self.points.0, Self.points.1)
        #expect(found.maximumDifference(to: Tensor(matrix)) < 1e-5, "\(found)")
        let pairs = model.pairwiseSimilarity(Self.points.0, Self.points.1)
        #expect(pairs.maximumDifference(to: Tensor([matrix[0][0], matrix[1][1]])) < 1e-5, "\(pairs)")
    }
}
