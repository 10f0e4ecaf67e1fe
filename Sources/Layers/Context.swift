import Autodiff
import Requirements
import Synchronization

/// What one pass through a model is: training or inference, and its random key.
///
/// A value that is handed from layer to layer instead of a switch that somebody may forget to turn. Make a new one
/// for each pass: the same key then draws the same masks again, which is what gradient caching relies on.
public struct Context: Sendable {
    /// Whether a pass trains.
    public enum Mode: Sendable {
        /// With dropout, or without.
        case training, inference
    }

    /// Whether this pass trains.
    public let mode: Mode
    /// Seed and step of this pass.
    public let key: RandomKey
    /// Which samples and positions the rows of the current tensors stand for; nil outside of a model of texts: row i is
    /// sample i. A dropout of a tensor that has another number of rows traps.
    public var rows: RowAddresses?
    private let sites: SiteCounter

    /// A pass of training: dropout draws by `key`.
    public static func training(key: RandomKey) -> Context { Context(mode: .training, key: key) }
    /// A pass without dropout.
    public static var inference: Context { Context(mode: .inference, key: RandomKey(0)) }

    private init(mode: Mode, key: RandomKey, rows: RowAddresses? = nil, sites: SiteCounter = SiteCounter()) {
        (self.mode, self.key, self.rows, self.sites) = (mode, key, rows, sites)
    }

    /// The same pass for tensors whose rows stand elsewhere.
    public func addressing(_ rows: RowAddresses?) -> Context {
        var copy = self
        copy.rows = rows
        return copy
    }

    /// Draws from −1 ..< 1 for the next random place of this pass, by the addresses of the rows: `[rows, width]`.
    public func nextNoise(width: Int, dtype: DType) -> Tensor {
        guard let rows else { refuse("Context.nextNoise: there are no rows to draw for") }
        return .uniform(at: rows, width: width, from: -1, to: 1, dtype: dtype, key: key, site: sites.next())
    }

    /// Passes for groups of rows that go separate ways: what one draws does not depend on whether the others are there.
    public func branches(_ count: Int) -> [Context] {
        guard mode == .training else { return Array(repeating: self, count: count) }
        let place = key.folded(with: 0x6272_616e_6368).folded(with: UInt64(sites.next()))
        return (0..<count).map { Context(mode: mode, key: place.folded(with: UInt64($0)), rows: rows) }
    }

    /// The pass from here on, apart from this one: it draws the same again, and moves this one on by nothing.
    func forked() -> Context { Context(mode: mode, key: key, rows: rows, sites: sites.copied()) }

    /// Goes on from where a fork of this pass came to.
    func join(_ fork: Context) { sites.advance(to: fork.sites) }

    /// The mask of the next dropout of this pass; nil where nothing is dropped. Places are numbered in the order in
    /// which they are reached.
    public func nextDropoutMask(rate: Double) -> DropoutMask? {
        guard mode == .training, rate > 0 else { return nil }
        return DropoutMask(rate: rate, key: key, site: sites.next())
    }
}

/// Numbers the random places of one pass.
private final class SiteCounter: Sendable {
    private let count: Atomic<UInt32>

    init(_ count: UInt32 = 0) { self.count = Atomic(count) }
    func copied() -> SiteCounter { SiteCounter(count.load(ordering: .relaxed)) }
    func advance(to other: SiteCounter) { count.store(other.count.load(ordering: .relaxed), ordering: .relaxed) }

    func next() -> UInt32 { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
