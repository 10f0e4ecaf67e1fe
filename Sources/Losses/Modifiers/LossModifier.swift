import Layers

/// A loss made of another one, with its columns, labels and parameters.
public protocol LossModifier: Loss {
    /// The loss inside.
    var loss: any Loss { get set }
    /// What the option `loss` names: `loss`, unless two modifiers together have one name.
    var innerLoss: any Loss { get set }
}

extension LossModifier {
    public var innerLoss: any Loss {
        get { loss }
        set { loss = newValue }
    }

    public var inputs: LossInputs { loss.inputs }
    public var parameters: [NamedParameter] { loss.parameters.named(under: "loss") }
    public func sideInputs(for texts: [[String]]) -> SideInputs { loss.sideInputs(for: texts) }

    public var configuration: [(key: String, value: String)] {
        [("loss", innerLoss.name)] + optionValues + innerLoss.configuration.map { ("loss.\($0.key)", $0.value) }
    }
}

extension Optional<Int> {
    /// A number of which -1, as the reference writes it, means all; nil here.
    var orAll: Int {
        get { self ?? -1 }
        set { self = newValue > 0 ? newValue : nil }
    }
}
