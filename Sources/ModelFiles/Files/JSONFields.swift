import JSON

/// Takes typed values out of a JSON object of a model's file; what nobody has taken stays in `rest`.
public typealias JSONFields = JSONMembers<ModelFileError>

extension JSONMembers<ModelFileError> {
    /// An error about a key of this file.
    public func error(
        _ key: String, _ problem: String, kind: ModelFileError.Kind = .malformed
    ) -> ModelFileError {
        ModelFileError(kind, at: place.member(key), problem)
    }
}

extension ModelFileError: JSONReadingError {
    public init(_ problem: JSONProblem, at place: JSONPlace) {
        switch problem {
        case .missing(let key, let expected):
            self.init(.malformed, at: place.member(key), "\(expected) is required, but the key is missing or null")
        case .mismatch(let expected, let found):
            self.init(.malformed, at: place, "\(expected) was expected, but it is \(found.kindName)")
        case .malformed(let problem): self.init(.malformed, at: place, problem)
        case .unsupported(let problem): self.init(.unsupported, at: place, problem)
        }
    }

    fileprivate init(_ kind: Kind, at place: JSONPlace, _ problem: String) {
        let key = place.path.isEmpty ? nil : "key \(quoted(place.path))"
        let parts = [place.section, key].compactMap { $0 }
        self.init(kind, file: place.file, place: parts.isEmpty ? nil : parts.joined(separator: ", "), problem: problem)
    }
}
