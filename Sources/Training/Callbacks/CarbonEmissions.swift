/// What a run took of energy, as trackers such as CodeCarbon say it: for model cards.
public struct CarbonEmissions: Sendable, Equatable {
    /// Grams of CO2.
    public var emissions: Double
    /// Kilowatt-hours.
    public var energyConsumed: Double
    /// Who measured it.
    public var source: String
    /// Whether the machine is a provider's.
    public var isOnCloud: Bool
    /// The processor's name.
    public var cpuModel: String
    /// Gigabytes of memory.
    public var ramTotalSize: Double

    /// Figures of a run.
    public init(
        emissions: Double, energyConsumed: Double, source: String = "codecarbon", isOnCloud: Bool = false, cpuModel: String = "",
        ramTotalSize: Double = 0
    ) {
        (self.emissions, self.energyConsumed, self.source) = (emissions, energyConsumed, source)
        (self.isOnCloud, self.cpuModel, self.ramTotalSize) = (isOnCloud, cpuModel, ramTotalSize)
    }
}

/// A callback that measures what a run takes; what it says goes into the model's card.
public protocol EmissionsCallback: TrainerCallback {
    /// The last figures that it has, without measuring anew: it is asked at each event. Nil: none.
    var emissions: CarbonEmissions? { get }
}
