import Losses

/// How a loss is cached, as options say it.
struct Caching {
    let miniBatchSize: Int
    let miniBatchTokens: Int?

    /// Losses that are cached under their plain name already, and their mini-batch sizes.
    private static let byDefault = ["MegaBatchMarginLoss": 50]
    private static let flag = "use_mini_batched_version"

    /// What names ask for.
    ///
    /// - Parameters:
    ///   - isNamed: Whether the name begins with `Cached`.
    ///   - options: Those of the cached loss, with `options(of:isNamed:)` among them.
    /// - Returns: Nil where nothing is cached.
    static func requested(for entry: LossEntry, isNamed: Bool, _ options: LossOptions) throws -> Caching? {
        guard isNamed || byDefault[entry.name] != nil else { return nil }
        let size = try options.integer("mini_batch_size", default: byDefault[entry.name] ?? 32)
        try options.require(size > 0, "mini_batch_size", "1 or more")
        let tokens = try options.integer("mini_batch_num_tokens")
        try options.require(tokens.map { $0 > 0 } ?? true, "mini_batch_num_tokens", "1 or more")
        guard try isNamed || options.bool(flag, default: true) else { return nil }
        return Caching(miniBatchSize: size, miniBatchTokens: tokens)
    }

    /// The options that a loss has beside its own where it is cached.
    static func options(of entry: LossEntry, isNamed: Bool) -> [LossEntry.Option] {
        let size = byDefault[entry.name]
        guard isNamed || size != nil else { return [] }
        let sizes: [LossEntry.Option] = [
            .init("mini_batch_size", "\(size ?? 32)", "sequences that are embedded together"),
            .init("mini_batch_num_tokens", "null", "tokens that are embedded together, instead"),
        ]
        return (size == nil ? [] : [.init(flag, "true", "cached: the memory of a mini-batch, whatever the batch")]) + sizes
    }
}
