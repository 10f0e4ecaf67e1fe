import JSON

/// What `tokenizer_config.json` says, as far as it bears on tokens.
struct TokenizerConfiguration: Sendable {
    var modelMaximumLength: Int?
    var tokenizerClass: String?
    var specialTokens = SpecialTokens()
    /// Tokens that are special without a part of their own.
    private(set) var extraSpecialTokens: [String] = []
    /// All tokens named in the file; ids are those of `added_tokens_decoder`, or -1 where the file gives none.
    var tokens: [AddedToken] = []
    var truncatesLeft: Bool?
    /// `clean_up_tokenization_spaces`.
    var cleansUpSpaces = false
    /// These are `nil` where the file does not say.
    var lowercases: Bool?
    var isolatesIdeographs: Bool?
    /// null: as `lowercases`.
    var stripsAccents: JSONValue?
    var addsPrefixSpace: Bool?
    /// The whole file, for what only some kinds of tokenizers ask.
    private(set) var settings: Node?

    /// Above this the reference takes a length for "none".
    private static let largestLength = 1e20

    /// Classes whose reference sets up normalizer or pre-tokenizer from this file, whatever `tokenizer.json` says.
    private static let normalizingClasses = [
        "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer", "MobileBertTokenizer",
        "SqueezeBertTokenizer",
    ]
    private static let prefixingClasses = ["RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "GPT2Tokenizer"]

    init() {}

    /// From `tokenizer_config.json`; tokens also from the files that named them before it did.
    init(_ files: TokenizerFiles) throws {
        self = try files.json(TokenizerFiles.configuration).map(TokenizerConfiguration.init) ?? TokenizerConfiguration()
        if let map = try files.olderJSON(TokenizerFiles.specialTokens) { try readSpecialTokens(map) }
        readAddedTokens(try files.addedTokens())
    }

    init(_ node: Node) throws {
        settings = node
        modelMaximumLength = try node.present("model_max_length").flatMap(Self.length)
        tokenizerClass = try node.present("tokenizer_class")?.string()
        cleansUpSpaces = try node.present("clean_up_tokenization_spaces")?.bool() ?? false
        lowercases = try node.present("do_lower_case")?.bool()
        addsPrefixSpace = try node.present("add_prefix_space")?.bool()
        isolatesIdeographs = try node.present("tokenize_chinese_chars")?.bool()
        if let accents = try node.member("strip_accents") {
            stripsAccents = accents.isNull ? .null : .bool(try accents.bool())
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
        for key in ["additional_special_tokens", "extra_special_tokens"] {
            guard let list = try node.present(key), case .array = list.value else { continue }
            for element in try list.elements() { extraSpecialTokens.append(try add(element)) }
        }
    }

    /// Takes the tokens of `added_tokens.json`. Those that play a part stand for themselves, the others are looked for in
    /// normalized text.
    private mutating func readAddedTokens(_ added: [(content: String, id: Int32)]) {
        let special = SpecialTokens.keys.compactMap { specialTokens[keyPath: $0.path] }
        let read = added.sorted { $0.id < $1.id }.map { content, id in
            var token = AddedToken(id: id, content: content)
            token.isSpecial = special.contains { $0.isExactly(content) }
            token.isNormalized = !token.isSpecial
            return token
        }
        tokens = read + tokens.filter { token in !read.contains { $0.content.isExactly(token.content) } }
    }

    /// All that play a part, and those that are special without one.
    var namedTokens: [String] { SpecialTokens.keys.compactMap { specialTokens[keyPath: $0.path] } + extraSpecialTokens }

    /// Takes special tokens that no file names from the usual ones.
    mutating func completeSpecialTokens(_ usual: SpecialTokens) {
        for (_, path) in SpecialTokens.keys where specialTokens[keyPath: path] == nil {
            guard let token = usual[keyPath: path] else { continue }
            specialTokens[keyPath: path] = token
            if !tokens.contains(where: { $0.content.isExactly(token) }) { tokens.append(AddedToken(id: -1, content: token)) }
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

    /// The name of the class without what tells the fast from the slow.
    var classFamily: String? {
        tokenizerClass.map { $0.hasSuffix("Fast") ? String($0.dropLast(4)) : $0 }
    }

    /// `tokenizer.json` after the settings of this file, where the class of the tokenizer heeds them.
    ///
    /// The reference also resets what the file does not name to the defaults of the class; here `tokenizer.json` keeps
    /// its word on that.
    func adjusted(_ document: Node) throws -> Node {
        guard let family = classFamily else { return document }
        if Self.normalizingClasses.contains(family) {
            return try document.setting(
                "normalizer", ofType: "BertNormalizer",
                [
                    ("lowercase", lowercases.map { .bool($0) }), ("strip_accents", stripsAccents),
                    ("handle_chinese_chars", isolatesIdeographs.map { .bool($0) }),
                ])
        }
        guard Self.prefixingClasses.contains(family) else { return document }
        return try document.setting(
            "pre_tokenizer", ofType: "ByteLevel", [("add_prefix_space", addsPrefixSpace.map { .bool($0) })])
    }
}

extension Node {
    /// A tokenizer that makes all text small before it normalizes it further.
    func lowercasingFirst() throws -> Node {
        let lowercase: JSONValue = ["type": "Lowercase"]
        var object = try object()
        let parts = [lowercase] + (try present("normalizer").map { [$0.value] } ?? [])
        object["normalizer"] = ["type": "Sequence", "normalizers": .array(parts)]
        return Node(.object(object), at: place)
    }

    /// The object with members of one of its members replaced, if that is a component of this type.
    fileprivate func setting(_ key: String, ofType type: String, _ values: [(key: String, value: JSONValue?)]) throws -> Node {
        guard let member = try present(key), try member.member("type")?.value == .string(type) else { return self }
        var component = try member.object()
        for (key, value) in values { if let value { component[key] = value } }
        var object = try object()
        object[key] = .object(component)
        return Node(.object(object), at: place)
    }
}
