/// `cls A sep`, and `cls A sep sep B sep` for two texts, all of type 0: `RobertaProcessing` of `tokenizer.json`.
struct RobertaPostProcessor: PostProcessor {
    let template: SpecialTokenTemplate

    init(_ node: Node) throws {
        let classifier = try [node.required("cls").tokenAndID()], separator = try [node.required("sep").tokenAndID()]
        template = SpecialTokenTemplate(
            leading: classifier, trailing: separator,
            pair: [
                .special(classifier, typeID: 0), .first(typeID: 0), .special(separator + separator, typeID: 0),
                .second(typeID: 0), .special(separator, typeID: 0),
            ])
    }
}
