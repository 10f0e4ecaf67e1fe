import Foundation
import Tapestry
import Testing

/// One case of `Fixtures/unsupervised`: an objective on mini-bert in float64, and the reference's figures.
struct UnsupervisedCase: Sendable, CustomTestStringConvertible {
    let name: String
    let loss: String
    let columns: [[String]]
    let labels: [Double]?
    private let settings: JSONObject
    private let file: SafetensorsFile

    var testDescription: String { name }

    static let all = read()
    static let folder = fixture("unsupervised")

    private static func read() -> [UnsupervisedCase] {
        let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("unsupervised.safetensors"))
        let listing = try! JSONFile.readObject(folder.appendingPathComponent("unsupervised.json"))
        return listing.members.map { name, value in
            guard case .object(let entry) = value, case .string(let loss)? = entry["loss"],
                case .object(let settings)? = entry["settings"]
            else { fatalError("unsupervised.json: \(name) is no case") }
            let columns = list(entry["columns"])!.map { list($0)!.map { text($0)! } }
            return UnsupervisedCase(
                name: name, loss: loss, columns: columns, labels: list(entry["labels"])?.map { number($0)! },
                settings: settings, file: file)
        }
    }

    private static func list(_ value: JSONValue?) -> [JSONValue]? { if case .array(let values)? = value { values } else { nil } }
    private static func text(_ value: JSONValue?) -> String? { if case .string(let text)? = value { text } else { nil } }
    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .integer(let integer)?: Double(integer)
        case .number(let number)?: number.doubleValue
        default: nil
        }
    }

    /// Names of the case's figures, without its own.
    var figures: Set<String> { Set(file.names.filter { $0.hasPrefix(name + "/") }.map { String($0.dropFirst(name.count + 1)) }) }

    func reference(_ figure: String) throws -> Tensor { try file.tensor("\(name)/\(figure)") }

    /// The objective, in the dtype of the model.
    ///
    /// - Parameter elementsPerBlock: nil leaves the default.
    func objective(_ model: SentenceTransformer, elementsPerBlock: Int? = nil) throws -> any OnePassObjective & SentenceObjective {
        switch loss {
        case "ContrastiveTensionLoss":
            let objective = ContrastiveTensionLoss(model: model)
            scale(objective.model1)
            return objective
        case "ContrastiveTensionLossInBatchNegatives":
            let similarity = try #require(SimilarityMatrix.all.first { $0.name == Self.text(settings["similarity_fct"]) })
            var objective = ContrastiveTensionLossInBatchNegatives(
                model: model, .init(scale: Self.number(settings["scale"])!, similarity: similarity))
            scale(objective.model1)
            if let elementsPerBlock { objective.elementsPerBlock = elementsPerBlock }
            return objective
        default:
            let decoder = Self.folder.appendingPathComponent(Self.text(settings["decoder_name_or_path"])!).path
            var objective = try DenoisingAutoEncoderLoss(
                model: model, decoderNameOrPath: decoder, tieEncoderDecoder: settings["tie_encoder_decoder"] == .bool(true))
            let dtype = model.parameters[0].value.dtype
            for parameter in objective.parameters.map(\.parameter) { parameter.value = parameter.value.cast(to: dtype) }
            if let elementsPerBlock { objective.elementsPerBlock = elementsPerBlock }
            return objective
        }
    }

    private func scale(_ copy: SentenceTransformer) {
        let factor = Self.number(settings["model1_factor"])!
        for parameter in copy.parameters { parameter.value = parameter.value * factor }
    }

    func batch(_ model: SentenceTransformer) -> TrainingBatch {
        TrainingBatch(texts: columns, labels: labels.map { Tensor($0, dtype: .float64) }, model: model)
    }

    /// The parameters that the objective trains, by the names of the case's figures.
    func parameters(_ model: SentenceTransformer, _ objective: any SentenceObjective) -> [NamedParameter] {
        model.transformer!.model.namedParameters.map { NamedParameter(name: "model/\($0.name)", parameter: $0.parameter) }
            + objective.parameters.map { named in
                let name = named.name.replacingOccurrences(of: "model1.0.model.", with: "model1/")
                    .replacingOccurrences(of: "decoder.bert.", with: "decoder/bert.")
                    .replacingOccurrences(of: "decoder.cls.", with: "decoder/cls.")
                return NamedParameter(name: name, parameter: named.parameter)
            }
    }
}

/// mini-bert without dropout, in float64 if nothing else is said.
func exactModel(dtype: DType = .float64) throws -> SentenceTransformer {
    let model = try model("mini-bert")
    for parameter in model.parameters { parameter.value = parameter.value.cast(to: dtype) }
    return model
}
