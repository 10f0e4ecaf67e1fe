import JSON

/// A part of a tokenizer's file.
typealias Node = JSONNode<TokenizerError>

extension TokenizerError: JSONReadingError {
    public init(_ problem: JSONProblem, at place: JSONPlace) {
        let text =
            switch problem {
            case .missing(let key, _): "the key \"\(key)\" is missing"
            case .mismatch(let expected, let found): "expected \(expected), found \(found.kindName)"
            case .malformed(let problem), .unsupported(let problem): problem
            }
        self.init(file: place.file, key: place.path.isEmpty ? nil : place.path, problem: text)
    }
}

extension JSONNode<TokenizerError> {
    /// - Throws: When the integer is not in the range of token ids.
    func tokenID() throws(TokenizerError) -> Int32 {
        let id = try integer()
        guard Vocabulary.allowedIDs.contains(id) else {
            throw error("id \(id) is out of range, ids are \(Vocabulary.allowedIDs)")
        }
        return Int32(id)
    }
}
