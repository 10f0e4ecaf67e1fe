import Autodiff
import Requirements

/// Token sequences end to end, without padding.
///
/// All columns of a training batch go through an encoder as one such batch.
public struct TokenBatch: Sendable {
    /// `T` ids.
    public let tokenIDs: [Int32]
    /// Where each of the `B` sequences begins, then `T`.
    public let offsets: Offsets
    /// Segment of each token, for inputs that are pairs of texts; nil: all zero.
    public let typeIDs: [Int32]?
    /// The number by which each sequence draws random numbers: the same one gets the same dropout in any batch.
    public let samples: [UInt32]
    /// Number of leading tokens of each sequence that are an instruction, which pooling may leave out; nil: none of any.
    public let promptLengths: [Int]?
    /// What each sequence is for, `query` or `document` say, by which a router chooses its route; nil: nothing is said of any.
    public let tasks: [String?]?

    /// - Parameters:
    ///   - sequences: The tokens of each text.
    ///   - typeIDs: The type of each token; nil: all 0.
    ///   - samples: Numbers 0, 1, 2 … when left out.
    ///   - promptLengths: Tokens of a prompt at the start of each sequence; nil: there are none.
    ///   - tasks: What each sequence is for; nil: nothing is said of any.
    public init(
        sequences: [[Int32]], typeIDs: [[Int32]]? = nil, samples: [UInt32]? = nil, promptLengths: [Int]? = nil, tasks: [String?]? = nil
    ) {
        require(tasks == nil || tasks!.count == sequences.count, "TokenBatch: one task a sequence")
        require(promptLengths == nil || promptLengths!.count == sequences.count, "TokenBatch: one prompt length a sequence")
        require(samples == nil || samples!.count == sequences.count, "TokenBatch: one sample number a sequence")
        require(typeIDs == nil || typeIDs!.map(\.count) == sequences.map(\.count), "TokenBatch: one type a token")
        tokenIDs = sequences.flatMap { $0 }
        offsets = Offsets(lengths: sequences.map(\.count))
        self.typeIDs = typeIDs.map { $0.flatMap { $0 } }
        self.samples = samples ?? sequences.indices.map { UInt32($0) }
        self.promptLengths = promptLengths.flatMap { $0.allSatisfy { $0 == 0 } ? nil : $0 }
        self.tasks = tasks.flatMap { $0.allSatisfy { $0 == nil } ? nil : $0 }
    }

    /// Some of the sequences, one after another; each keeps the number by which it draws.
    public func sequences(_ numbers: some Collection<Int>) -> TokenBatch {
        TokenBatch(
            sequences: numbers.map { Array(tokenIDs[offsets[$0]]) },
            typeIDs: typeIDs.map { types in numbers.map { Array(types[offsets[$0]]) } },
            samples: numbers.map { samples[$0] }, promptLengths: promptLengths.map { lengths in numbers.map { lengths[$0] } },
            tasks: tasks.map { tasks in numbers.map { tasks[$0] } })
    }

    /// All that an encoder knows of a sequence where nothing is drawn: equal ones have equal embeddings.
    public struct Content: Hashable, Sendable {
        fileprivate let tokens: [Int32], types: [Int32]?, promptLength: Int, task: String?
        /// Number of tokens.
        public var length: Int { tokens.count }

        /// - Parameters:
        ///   - tokens: The ids.
        ///   - types: The type of each; nil: all 0.
        ///   - promptLength: How many of the first ones are a prompt.
        ///   - task: What the sequence is for.
        public init(tokens: [Int32], types: [Int32]? = nil, promptLength: Int = 0, task: String? = nil) {
            (self.tokens, self.types, self.promptLength, self.task) = (tokens, types, promptLength, task)
        }
    }

    /// What is in each sequence.
    public var contents: [Content] { (0..<count).map(content) }

    /// What is in a sequence.
    public func content(of sequence: Int) -> Content {
        let range = offsets[sequence]
        return Content(
            tokens: Array(tokenIDs[range]), types: typeIDs.map { Array($0[range]) }, promptLength: promptLengths?[sequence] ?? 0,
            task: tasks?[sequence])
    }

    /// Sequences that draw by 0, 1, 2 …
    public init(_ contents: [Content]) {
        let hasTypes = contents.contains { $0.types != nil }
        self.init(
            sequences: contents.map(\.tokens),
            typeIDs: hasTypes ? contents.map { $0.types ?? [Int32](repeating: 0, count: $0.length) } : nil,
            promptLengths: contents.map(\.promptLength), tasks: contents.map(\.task))
    }

    /// Number of sequences.
    public var count: Int { offsets.count }
    /// Number of tokens of all sequences together.
    public var tokenCount: Int { tokenIDs.count }

    /// `[T]`, int32: the place of each token in its sequence, from 0.
    public var positions: [Int32] {
        offsets.lengths.flatMap { 0..<Int32($0) }
    }

    /// `[T]`, int32: places that begin at `padding` + 1, where tokens of the id `padding` have no place but that number.
    func positions(skipping padding: Int32) -> [Int32] {
        (0..<count).flatMap { sequence in
            var last = padding
            return tokenIDs[offsets[sequence]].map { id in
                if id == padding { return padding }
                last += 1
                return last
            }
        }
    }

    /// Sample and position of every token, for the dropout of `[T, H]` tensors.
    public var tokenAddresses: RowAddresses {
        RowAddresses(
            samples: zip(samples, offsets.lengths).flatMap { repeatElement($0, count: $1) },
            positions: positions.map { UInt32($0) })
    }

    /// The sample of every sequence, for the dropout of `[B, D]` tensors.
    public var sequenceAddresses: RowAddresses {
        RowAddresses(samples: samples, positions: [UInt32](repeating: 0, count: count))
    }
}
