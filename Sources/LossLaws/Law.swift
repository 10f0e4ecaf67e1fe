/// What every loss and every objective has to keep, unless it declares an exception; then, what losses may promise.
public enum Law: String, Sendable, CaseIterable, CustomStringConvertible {
    case inputs = "its inputs"
    case finite = "finiteness"
    case repeatable = "repeatability"
    case constants = "constants"
    case gradients = "first derivatives"
    case secondDerivatives = "second derivatives"
    case columns = "every column"
    case ownParameters = "own parameters"
    case rowOrder = "row order"
    case miniBatches = "mini-batches"
    case packing = "packing"
    case dropoutReplay = "replayed dropout"
    case blocks = "block size"
    case threads = "threads"
    case scale = "scale"
    case sign = "sign"
    case rotation = "rotation"
    case translation = "translation"
    case labelShift = "shifted labels"
    case labelScale = "scaled labels"
    case symmetry = "symmetry"
    case meanOfRows = "mean of rows"
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
