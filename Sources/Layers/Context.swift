import Autodiff
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

    private init(mode: Mode, key: RandomKey) {
        self.mode = mode
        self.key = key
        sites = SiteCounter()
    }

    /// The same pass for tensors whose rows stand elsewhere.
    public func addressing(_ rows: RowAddresses?) -> Context {
        var copy = self
        copy.rows = rows
        return copy
    }

    /// The mask of the next dropout of this pass; nil where nothing is dropped. Places are numbered in the order in
    /// which they are reached.
    public func nextDropoutMask(rate: Double) -> DropoutMask? {
        guard mode == .training, rate > 0 else { return nil }
        return DropoutMask(rate: rate, key: key, site: sites.next())
    }
}

/// Numbers the random places of one pass.
private final class SiteCounter: Sendable {
    private let count = Atomic<UInt32>(0)

    func next() -> UInt32 { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
