import Foundation

/// A repository of the hub: a model, or a dataset.
public struct Repository: Sendable, Hashable, CustomStringConvertible {
    /// What a repository holds.
    public enum Kind: String, Sendable {
        /// A model, or a dataset.
        case model, dataset
    }

    /// What it holds.
    public let kind: Kind
    /// `owner/name`, or the name alone of one that belongs to the hub itself.
    public let id: String

    /// - Parameters:
    ///   - id: `owner/name`.
    ///   - kind: What it holds.
    /// - Throws: `HubError` of kind `invalidArgument` for what can be no name of a repository.
    public init(_ id: String, kind: Kind = .model) throws {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        func isPart(_ part: Substring) -> Bool {
            (1...96).contains(part.utf8.count) && part.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
                && part.utf8.first.map(isWord) == true && part.utf8.last.map(isWord) == true
        }
        guard (1...2).contains(parts.count), parts.allSatisfy(isPart), !id.contains("--"), !id.contains(".."), !id.hasSuffix(".git")
        else {
            throw HubError(
                .invalidArgument, id.isEmpty ? "an empty name" : String(id.prefix(200)).debugDescription,
                "is no name of a repository; one is \"owner/name\" of letters, digits, \"-\", \"_\" and \".\"")
        }
        self.id = id
        self.kind = kind
    }

    /// `models` or `datasets`.
    var plural: String { kind.rawValue + "s" }
    /// What comes before the id in addresses of files.
    var prefix: String { kind == .model ? "" : "datasets/" }
    /// Its folder in the cache.
    var folderName: String { ([plural] + id.split(separator: "/").map(String.init)).joined(separator: "--") }

    public var description: String { prefix + id }

    /// The models of the hub that have no owner; every other name without one belongs to `sentence-transformers`.
    private static let withoutOwner: Set<String> = {
        let sizes = ["base", "large", "xlarge", "xxlarge"]
        var names = Set(sizes.flatMap { ["albert-\($0)-v1", "albert-\($0)-v2"] })
        names.formUnion(["small", "base", "large", "3b", "11b"].map { "t5-" + $0 })
        names.formUnion(["", "-medium", "-large", "-xl"].map { "gpt2" + $0 })
        for casing in ["cased", "uncased"] {
            names.formUnion(["bert-base-", "bert-large-", "bert-base-multilingual-", "distilbert-base-"].map { $0 + casing })
            names.insert("bert-large-\(casing)-whole-word-masking")
            names.insert("bert-large-\(casing)-whole-word-masking-finetuned-squad")
            names.insert("distilbert-base-\(casing)-distilled-squad")
        }
        names.formUnion([
            "bert-base-cased-finetuned-mrpc", "bert-base-chinese", "bert-base-german-cased", "bert-base-german-dbmdz-cased",
            "bert-base-german-dbmdz-uncased", "camembert-base", "ctrl", "distilbert-base-german-cased",
            "distilbert-base-multilingual-cased", "distilbert-base-uncased-finetuned-sst-2-english", "distilgpt2", "distilroberta-base",
            "openai-gpt", "roberta-base", "roberta-base-openai-detector", "roberta-large", "roberta-large-mnli",
            "roberta-large-openai-detector", "transfo-xl-wt103", "xlm-clm-ende-1024", "xlm-clm-enfr-1024", "xlm-mlm-100-1280",
            "xlm-mlm-17-1280", "xlm-mlm-en-2048", "xlm-mlm-ende-1024", "xlm-mlm-enfr-1024", "xlm-mlm-enro-1024",
            "xlm-mlm-tlm-xnli15-1024", "xlm-mlm-xnli15-1024", "xlm-roberta-base", "xlm-roberta-large",
            "xlm-roberta-large-finetuned-conll02-dutch", "xlm-roberta-large-finetuned-conll02-spanish",
            "xlm-roberta-large-finetuned-conll03-english", "xlm-roberta-large-finetuned-conll03-german", "xlnet-base-cased",
            "xlnet-large-cased",
        ])
        return names
    }()

    /// The repository that a model's name means: `all-MiniLM-L6-v2` is `sentence-transformers/all-MiniLM-L6-v2`.
    ///
    /// - Throws: `HubError` of kind `invalidArgument`.
    public init(modelNamed name: String) throws {
        try self.init(name.contains("/") || Self.withoutOwner.contains(name) ? name : "sentence-transformers/" + name)
    }
}

private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        true
    default: false
    }
}
