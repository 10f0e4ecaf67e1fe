import Losses
import Options

extension Cached: Configurable {
    /// Its own, beside those of the loss.
    public var options: [OptionRow<Self>] {
        [
            .init("mini_batch_size", \.miniBatchSize, "sequences that are embedded together", .atLeast(1)),
            .init("mini_batch_num_tokens", \.miniBatchTokens, "tokens that are embedded together, instead", .atLeast(1)),
        ]
    }
}

/// How a loss is cached, as options say it.
struct Caching: Configurable {
    private var cached: Cached
    private var isWanted = true
    private let isNamed, isUsual: Bool

    /// Losses that are cached under their plain name already.
    private static let usual = [CachedMegaBatchMarginLoss()]

    /// Nil where nothing is cached.
    ///
    /// - Parameter isNamed: Whether a name that begins with `Cached` asks for it.
    init?(of loss: any Loss, isNamed: Bool) {
        let usual = Self.usual.first { $0.loss.name == loss.name }
        guard isNamed || usual != nil else { return nil }
        cached = usual ?? Cached(loss)
        self.isNamed = isNamed
        isUsual = usual != nil
    }

    /// Nil where the options say that nothing is cached.
    var cachedIfWanted: Cached? { isNamed || isWanted ? cached : nil }

    /// Beside those of the loss.
    var options: [OptionRow<Self>] {
        let flag = OptionRow("use_mini_batched_version", \Self.isWanted, "cached: the memory of a mini-batch, whatever the batch")
        return (isUsual ? [flag] : []) + cached.options.map { OptionRow($0, of: \.cached) }
    }
}
