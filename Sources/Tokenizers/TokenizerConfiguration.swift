import JSON

/// What `tokenizer_config.json` says, as far as it bears on tokens.
struct TokenizerConfiguration: Sendable {
    var modelMaximumLength: Int?
    var tokenizerClass: String?
    var specialTokens = SpecialTokens()
    /// All tokens named in the file; ids are those of `added_tokens_decoder`, or -1 where the file gives none.
    var tokens: [AddedToken] = []
    var truncatesLeft: Bool?
    /// `clean_up_tokenization_spaces`.
    var cleansUpSpaces = false
    /// `nil` where the file does not say.
    var lowercases: Bool?
    var isolatesIdeographs: Bool?
    /// Outer `nil` where the file does not say, inner `nil` for null: as `lowercases`.
    var stripsAccents: Bool??

    /// Above this the reference takes a length for "none".
    private static let largestLength = 1e20

    /// Classes whose reference sets up the normalizer from this file, whatever `tokenizer.json` says.
    private static let normalizingClasses = [
        "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer", "MobileBertTokenizer",
        "SqueezeBertTokenizer",
    ]

    init() {}

    init(_ node: Node) throws {
        modelMaximumLength = try node.present("model_max_length").flatMap(Self.length)
        tokenizerClass = try node.present("tokenizer_class")?.string()
        cleansUpSpaces = try node.present("clean_up_tokenization_spaces")?.bool() ?? false
        lowercases = try node.present("do_lower_case")?.bool()
        isolatesIdeographs = try node.present("tokenize_chinese_chars")?.bool()
        if let accents = try node.member("strip_accents") {
            stripsAccents = .some(accents.isNull ? nil : try accents.bool())
        }
        if let side = try node.present("truncation_side") { truncatesLeft = try Self.isLeft(side) }
        for member in try node.present("added_tokens_decoder")?.object().members ?? [] {
            let token = Node(member.value, at: node.place.member("added_tokens_decoder").member(member.key))
            guard let id = Int(member.key), Vocabulary.allowedIDs.contains(id) else {
                throw token.error("the key is not an id, ids are \(Vocabulary.allowedIDs)")
            }
            tokens.append(try AddedToken(token, id: Int32(id)))
        }
        try readSpecialTokens(node)
    }

    /// Takes the special tokens of `tokenizer_config.json` or `special_tokens_map.json`; what is known already
    /// stays.
    mutating func readSpecialTokens(_ node: Node) throws {
        for (key, path) in SpecialTokens.keys {
            guard specialTokens[keyPath: path] == nil, let member = try node.present(key) else { continue }
            specialTokens[keyPath: path] = try add(member)
        }
        for key in ["bos_token", "eos_token"] {
            if let member = try node.present(key) { _ = try add(member) }
        }
        for key in ["additional_special_tokens", "extra_special_tokens"] {
            guard let list = try node.present(key), case .array = list.value else { continue }
            for element in try list.elements() { _ = try add(element) }
        }
    }

    /// A special token is a string, or an object with its properties.
    private mutating func add(_ node: Node) throws -> String {
        var token: AddedToken
        if case .string(let content) = node.value {
            guard !content.isEmpty else { throw node.error("the token is empty") }
            token = AddedToken(id: -1, content: content)
        } else {
            token = try AddedToken(node, id: -1)
            token.isSpecial = true
        }
        if !tokens.contains(where: { $0.content.isExactly(token.content) }) { tokens.append(token) }
        return token.content
    }

    private static func length(_ node: Node) throws -> Int? {
        switch node.value {
        case .integer(let length) where length > 0: return length
        case .number(let number):
            let length = number.doubleValue
            if length > largestLength { return nil }
            if length > 0, let length = Int(exactly: length) { return length }
        default: break
        }
        throw node.error("expected a positive integer, found \(node.value.kindName)")
    }

    /// - Parameter node: `left` or `right`, in small letters or not.
    static func isLeft(_ node: Node) throws -> Bool {
        switch try node.string() {
        case "left", "Left": true
        case "right", "Right": false
        case let side: throw node.error("expected \"left\" or \"right\", found \"\(side)\"")
        }
    }

    /// The normalizer after the settings of this file, where the class of the tokenizer heeds them.
    ///
    /// The reference also resets what the file does not name to the defaults of the class; here
    /// `tokenizer.json` keeps its word on that.
    func adjusted(_ normalizer: BertNormalizer) -> BertNormalizer {
        guard let name = tokenizerClass,
            Self.normalizingClasses.contains(name.hasSuffix("Fast") ? String(name.dropLast(4)) : name)
        else { return normalizer }
        return BertNormalizer(
            cleansText: normalizer.cleansText,
            isolatesIdeographs: isolatesIdeographs ?? normalizer.isolatesIdeographs,
            stripsAccents: stripsAccents ?? normalizer.stripsAccents,
            lowercases: lowercases ?? normalizer.lowercases)
    }
}
