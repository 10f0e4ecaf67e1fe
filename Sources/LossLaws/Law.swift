/// What every loss and every objective has to keep, unless it declares an exception; then, what losses may promise.
public enum Law: String, Sendable, CaseIterable, CustomStringConvertible {
    /// It takes a batch such as its inputs describe.
    case inputs = "its inputs"
    /// Value and gradients are finite.
    case finite = "finiteness"
    /// The same batch and key give the same bits.
    case repeatable = "repeatability"
    /// Labels and side inputs get no gradient.
    case constants = "constants"
    /// Gradients equal central differences.
    case gradients = "first derivatives"
    /// So do the gradients' gradients.
    case secondDerivatives = "second derivatives"
    /// Every column gets a gradient.
    case columns = "every column"
    /// Every parameter that it uses is listed, and trains.
    case ownParameters = "own parameters"
    /// The order of the rows changes nothing.
    case rowOrder = "row order"
    /// The size of mini-batches changes nothing.
    case miniBatches = "mini-batches"
    /// What stands beside a text changes nothing.
    case packing = "packing"
    /// Gradients are those of the dropout that the value has seen.
    case dropoutReplay = "replayed dropout"
    /// The size of blocks changes nothing.
    case blocks = "block size"
    /// The number of threads changes no bit.
    case threads = "threads"
    /// A promise: the length of embeddings changes nothing.
    case scale = "scale"
    /// A promise: the sign of all embeddings changes nothing.
    case sign = "sign"
    /// A promise: turning all embeddings changes nothing.
    case rotation = "rotation"
    /// A promise: moving all embeddings changes nothing.
    case translation = "translation"
    /// A promise: a number added to all labels changes nothing.
    case labelShift = "shifted labels"
    /// A promise: a factor of all labels changes nothing.
    case labelScale = "scaled labels"
    /// A promise: exchanging two columns changes nothing.
    case symmetry = "symmetry"
    /// A promise: the loss is the mean of its rows' losses.
    case meanOfRows = "mean of rows"
    /// A promise: a row that is repeated costs nothing.
    case repeatedRows = "repeated rows"

    public var description: String { rawValue }

    /// The law in one sentence.
    public var statement: String {
        switch self {
        case .inputs: "it takes a batch such as its inputs describe"
        case .finite: "value and gradients are finite, for zero, equal and opposite rows, for one row, for large numbers"
        case .repeatable: "the same batch and key give the same bits again"
        case .constants: "labels, teachers, guides and other constants get no gradient"
        case .gradients: "gradients equal central differences"
        case .secondDerivatives: "gradients of gradients equal central differences"
        case .columns: "every column gets a gradient"
        case .ownParameters: "every parameter that it uses is declared, and a training step changes it"
        case .rowOrder: "the order of the rows changes nothing, labels and dropout following their rows"
        case .miniBatches: "the size of mini-batches changes nothing"
        case .packing: "what stands beside a text in a batch of tokens changes nothing"
        case .dropoutReplay: "gradients are those of the very dropout that the value has seen"
        case .blocks: "the size of blocks changes nothing"
        case .threads: "the number of threads changes no bit"
        case .scale: "rows may be multiplied by positive numbers"
        case .sign: "all embeddings may change their sign"
        case .rotation: "all embeddings may be turned together"
        case .translation: "all embeddings may be moved together"
        case .labelShift: "a number may be added to all labels"
        case .labelScale: "all labels may be multiplied by a positive number"
        case .symmetry: "columns may change places"
        case .meanOfRows: "the loss of a batch is the mean of its rows' losses"
        case .repeatedRows: "a batch of one row, repeated, costs nothing"
        }
    }
}
