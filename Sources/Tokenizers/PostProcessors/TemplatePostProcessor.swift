/// The special tokens of templates such as `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`: `TemplateProcessing` of
/// `tokenizer.json`.
struct TemplatePostProcessor: PostProcessor {
    let template: SpecialTokenTemplate
    var trims: [OffsetTrim] { [] }

    init(_ node: Node) throws {
        let specialTokens = try node.required("special_tokens")
        let single = try node.required("single")
        let parts = try Self.parts(single, specialTokens)
        guard parts.count(where: \.isFirst) == 1, !parts.contains(where: \.isSecond) else {
            throw single.error("the template for one text must hold the sequence A once")
        }
        let pair = try node.present("pair").map { node in
            let parts = try Self.parts(node, specialTokens)
            guard parts.count(where: \.isFirst) == 1, parts.count(where: \.isSecond) == 1 else {
                throw node.error("the template for two texts must hold the sequences A and B once each")
            }
            return parts
        }
        template = SpecialTokenTemplate(single: parts, pair: pair ?? SpecialTokenTemplate.plain.pair)
    }

    private static func parts(_ template: Node, _ specialTokens: Node) throws -> [SpecialTokenTemplate.Part] {
        try template.elements().map { piece in
            if let special = try piece.member("SpecialToken") {
                let ids = try specialTokens.required(try special.required("id").string())
                    .required("ids").elements().map { try $0.tokenID() }
                return .special(ids, typeID: try type(special))
            }
            guard let sequence = try piece.member("Sequence") else {
                throw piece.error("expected SpecialToken or Sequence")
            }
            switch try sequence.required("id").string() {
            case "A": return .first(typeID: try type(sequence))
            case "B": return .second(typeID: try type(sequence))
            case let id: throw sequence.error("\(id) is no sequence, sequences are A and B")
            }
        }
    }

    private static func type(_ node: Node) throws -> Int32 {
        Int32(try node.member("type_id")?.integer(in: 0...Int(Int32.max)) ?? 0)
    }
}

extension SpecialTokenTemplate.Part {
    fileprivate var isFirst: Bool { if case .first = self { true } else { false } }
    fileprivate var isSecond: Bool { if case .second = self { true } else { false } }
}
