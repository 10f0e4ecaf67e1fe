import JSON
import Options

/// The update rules by the names of `optim`.
///
/// Names of rules that hold their state in fewer bits, in another memory, or run on another device are taken for the same rule
/// in full precision; ``note`` says so.
public enum OptimizerType: String, Sendable, CaseIterable {
    /// Fused or not, it is the same arithmetic, and here the same pass.
    case adamwTorchFused = "adamw_torch_fused"
    /// The same.
    case adamwTorch = "adamw_torch"
    /// Plain gradient descent, with momentum if wanted.
    case sgd
    /// ``Adafactor``.
    case adafactor
    /// ``Adagrad``.
    case adagrad
    /// ``RMSprop``.
    case rmsprop
    /// ``Lion``.
    case lion = "lion_32bit"
    /// ``AdEMAMix``.
    case ademamix
    /// ``GrokAdamW``.
    case grokadamw
    /// ``StableAdamW``.
    case stableAdamW = "stable_adamw"
    /// ``ScheduleFree`` over AdamW, RAdam, or plain descent.
    case scheduleFreeAdamW = "schedule_free_adamw"
    /// The same over RAdam.
    case scheduleFreeRAdam = "schedule_free_radam"
    /// The same over plain descent.
    case scheduleFreeSGD = "schedule_free_sgd"
    // Of other devices and widths.
    /// AdamW by other names.
    case adamwTorchXLA = "adamw_torch_xla", adamwTorchNPUFused = "adamw_torch_npu_fused", adamwAnyPrecision = "adamw_anyprecision"
    /// AdamW in fewer bits.
    case adamwTorch4Bit = "adamw_torch_4bit", adamwTorch8Bit = "adamw_torch_8bit"
    /// AdamW in fewer bits, or in pages.
    case adamwBNB8Bit = "adamw_bnb_8bit", adamw8Bit = "adamw_8bit", pagedAdamW32Bit = "paged_adamw_32bit", pagedAdamW8Bit =
        "paged_adamw_8bit"
    /// AdEMAMix in fewer bits, or in pages.
    case ademamix8Bit = "ademamix_8bit", pagedAdEMAMix32Bit = "paged_ademamix_32bit", pagedAdEMAMix8Bit = "paged_ademamix_8bit"
    /// Lion in fewer bits, or in pages.
    case lion8Bit = "lion_8bit", pagedLion32Bit = "paged_lion_32bit", pagedLion8Bit = "paged_lion_8bit"
    /// RMSprop in fewer bits.
    case rmspropBNB = "rmsprop_bnb", rmspropBNB8Bit = "rmsprop_bnb_8bit", rmspropBNB32Bit = "rmsprop_bnb_32bit"

    /// The name of the rule that stands for it here.
    public var standIn: OptimizerType {
        switch self {
        case .adamwTorchXLA, .adamwTorchNPUFused, .adamwAnyPrecision, .adamwTorch4Bit, .adamwTorch8Bit, .adamwBNB8Bit, .adamw8Bit,
            .pagedAdamW32Bit, .pagedAdamW8Bit:
            .adamwTorchFused
        case .ademamix8Bit, .pagedAdEMAMix32Bit, .pagedAdEMAMix8Bit: .ademamix
        case .lion8Bit, .pagedLion32Bit, .pagedLion8Bit: .lion
        case .rmspropBNB, .rmspropBNB8Bit, .rmspropBNB32Bit: .rmsprop
        default: self
        }
    }

    /// What there is to say of a name that stands for another; nil for all others.
    public var note: String? {
        standIn == self
            ? nil : "optim: \(rawValue) means another device or narrower numbers; \(standIn.rawValue) in full precision takes its place"
    }

    /// The update rule.
    ///
    /// - Parameters:
    ///   - beta1: Decay of the mean gradient, for all of Adam's kind and Lion.
    ///   - beta2: Decay of the mean squared gradient, for the same.
    ///   - epsilon: Added to the root, for all of Adam's kind.
    ///   - warmupSteps: Of the schedule-free ones.
    ///   - arguments: What `optim_args` says: `momentum=0.9,nesterov=true`; it wins.
    /// - Throws: `OptionError` for a key or value that the rule does not have.
    public func rule(
        beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, warmupSteps: Int = 0, arguments: String? = nil
    ) throws(OptionError) -> any UpdateRule {
        func scheduleFree(_ normalization: ScheduleFree.Normalization) -> ScheduleFree {
            ScheduleFree(normalization, beta1: beta1, beta2: beta2, epsilon: epsilon, warmupSteps: warmupSteps)
        }
        let rule: any UpdateRule =
            switch standIn {
            case .sgd: SGD()
            case .adafactor: Adafactor()
            case .adagrad: Adagrad()
            case .rmsprop: RMSprop()
            case .lion: Lion(beta1: beta1, beta2: beta2)
            case .ademamix: AdEMAMix(beta1: beta1, beta2: beta2, epsilon: epsilon)
            case .grokadamw: GrokAdamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
            case .stableAdamW: StableAdamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
            case .scheduleFreeAdamW: scheduleFree(.adam)
            case .scheduleFreeRAdam: scheduleFree(.rectifiedAdam)
            case .scheduleFreeSGD: ScheduleFree(.none, warmupSteps: warmupSteps)
            default: AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
            }
        return try rule.told(arguments, of: rawValue)
    }
}

extension OptimizerType: OptionChoice {}

extension UpdateRule {
    /// With the options of a text such as `momentum=0.9,nesterov=true`.
    fileprivate func told(_ arguments: String?, of name: String) throws(OptionError) -> Self {
        var rule = self
        let (owner, rows) = ("optim_args of \(name)", options)
        for pair in (arguments ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard parts.count == 2 else { throw OptionError("\(owner): key=value pairs were expected, such as a=1,b=2, not \"\(pair)\"") }
            try OptionError.check([parts[0]], among: rows.map(\.key), of: owner)
            for row in rows where row.key == parts[0] && !row.set(&rule, to: parts[1].lowercased()) {
                throw OptionError(row.key, of: owner, mustBe: row.kindOfText, not: .string(parts[1]))
            }
        }
        try rule.checkOptions(of: owner)
        return rule
    }
}
