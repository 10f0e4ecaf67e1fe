import Tapestry
import Testing

/// Pooling worked out by hand, and what a prompt changes.
struct PoolingTests {
    /// Rows (0, 1), (2, 3), (4, 5): one sequence of three tokens of width 2, then one of (6, 7) alone.
    private func features(promptLength: Int = 0) -> Features {
        var features = Features(TokenBatch(sequences: [[1, 2, 3], [4]], promptLengths: [promptLength, promptLength]))
        features.tokenEmbeddings = Tensor([[0, 1], [2, 3], [4, 5], [6, 7]])
        return features
    }

    private func pooled(_ pooling: Pooling, promptLength: Int = 0) throws -> [[Double]] {
        let features = pooling(features(promptLength: promptLength), in: .inference)
        return try #require(features.sentenceEmbedding).rows
    }

    private static let golden: [(mode: PoolingMode, first: [Double])] = [
        (.cls, [0, 1]), (.max, [4, 5]), (.mean, [2, 3]), (.meanSqrtLength, [3.4641016, 5.1961524]),
        (.weightedMean, [16 / 6.0, 22 / 6.0]), (.lastToken, [4, 5]),
    ]

    @Test(arguments: golden)
    func everyModeGivesTheFiguresWorkedByHand(mode: PoolingMode, first: [Double]) throws {
        let rows = try pooled(Pooling(width: 2, modes: [mode]))
        #expect(zip(rows[0], first).allSatisfy { abs($0 - $1) < 1e-6 }, "\(rows[0])")
        // A single token is its own pooling, whatever the mode.
        #expect(rows[1] == [6, 7])
    }

    @Test func allModesWereTried() { #expect(Set(Self.golden.map(\.mode)) == Set(PoolingMode.allCases)) }

    @Test func severalModesStandSideBySideInTheirOrder() throws {
        let pooling = Pooling(width: 2, modes: [.lastToken, .cls, .mean])
        #expect(try pooled(pooling) == [[4, 5, 0, 1, 2, 3], [6, 7, 6, 7, 6, 7]])
        #expect(pooling.outputDimension(of: nil) == 6)
    }

    /// A pooling module that leaves prompts out, as its file says it.
    private func withoutPrompt(_ mode: PoolingMode) throws -> Pooling {
        let folder = try TemporaryFolder()
        var configuration = PoolingConfiguration(embeddingDimension: 2, modes: [mode])
        configuration.includesPrompt = false
        try configuration.write(toFolder: folder.url)
        return try Pooling(folder: folder.url)
    }

    @Test(arguments: [
        // Of (0, 1), (2, 3), (4, 5) the first is the prompt's; weights stay those of the places, 2 and 3.
        (PoolingMode.cls, [2.0, 3.0]), (.max, [4, 5]), (.mean, [3, 4]), (.meanSqrtLength, [4.2426407, 5.6568542]),
        (.weightedMean, [3.2, 4.2]), (.lastToken, [4, 5]),
    ])
    func aPromptIsLeftOutWhereTheFileSaysSo(mode: PoolingMode, first: [Double]) throws {
        let pooling = try withoutPrompt(mode)
        let rows = try pooled(pooling, promptLength: 1)
        #expect(zip(rows[0], first).allSatisfy { abs($0 - $1) < 1e-6 }, "\(rows[0])")
        // Without a prompt the option changes nothing.
        #expect(try pooled(pooling) == pooled(Pooling(width: 2, modes: [mode])))
        // A module that takes prompts in does not care where they end.
        #expect(try pooled(Pooling(width: 2, modes: [mode]), promptLength: 1) == pooled(Pooling(width: 2, modes: [mode])))
    }

    @Test(arguments: PoolingMode.allCases)
    func nothingButAPromptGivesFiniteNumbers(mode: PoolingMode) throws {
        let rows = try pooled(withoutPrompt(mode), promptLength: 1)
        #expect(rows[1].allSatisfy { $0.isFinite || mode == .max }, "\(rows[1])")
    }
}
