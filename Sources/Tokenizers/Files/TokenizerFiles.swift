import Foundation
import JSON

/// The bytes of a tokenizer's files, kept so that they can be written again unchanged.
struct TokenizerFiles: Sendable {
    static let tokenizer = "tokenizer.json"
    static let configuration = "tokenizer_config.json"
    static let specialTokens = "special_tokens_map.json"
    static let vocabulary = "vocab.txt"
    static let addedTokens = "added_tokens.json"
    static let vocabularyJSON = "vocab.json"
    static let merges = "merges.txt"
    static let sentencePieceModels = ["sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model"]
    static let names = [tokenizer, configuration, specialTokens, vocabulary, addedTokens, vocabularyJSON, merges] + sentencePieceModels
    /// Of the model, whose kind tells the tokenizer's where nothing else does; it is not written again.
    static let modelConfiguration = "config.json"

    let directory: URL
    private(set) var contents: [String: Data] = [:]

    /// Reads those of the files that are in the folder.
    init(directory: URL) throws {
        self.directory = directory
        for name in Self.names {
            let file = directory.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            do {
                contents[name] = try Data(contentsOf: file)
            } catch {
                throw TokenizerError(file: file.path, problem: "cannot be read: \(error.localizedDescription)")
            }
        }
    }

    func path(of name: String) -> String {
        directory.appendingPathComponent(name).path
    }

    /// The lines of a file, without what breaks them; `nil` when the folder has no such file.
    func lines(_ name: String) throws -> [String]? {
        guard let data = contents[name] else { return nil }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw TokenizerError(file: path(of: name), problem: "the file is not UTF-8")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(Substring($0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0)) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// - Returns: `nil` when the folder has no such file.
    func json(_ name: String) throws -> Node? {
        let read = name == Self.modelConfiguration ? try? Data(contentsOf: directory.appendingPathComponent(name)) : contents[name]
        guard let data = read else { return nil }
        let file = path(of: name)
        do {
            return Node(try JSONValue.parse([UInt8](data)), file: file)
        } catch {
            throw TokenizerError(
                file: file, key: "line \(error.line), column \(error.column)", problem: "not valid JSON: \(error.problem)")
        }
    }

    /// A file that named tokens before `tokenizer_config.json` had `added_tokens_decoder`; `nil` where that is there.
    func olderJSON(_ name: String) throws -> Node? {
        guard try json(Self.configuration)?.present("added_tokens_decoder") == nil else { return nil }
        return try json(name)
    }

    /// The tokens of `added_tokens.json` and the ids that it gives them; none where the file is not there, or has no say.
    func addedTokens() throws -> [(content: String, id: Int32)] {
        guard let node = try olderJSON(Self.addedTokens) else { return [] }
        return try node.object().members.map { content, value in
            let member = Node(value, at: node.place.member(content))
            guard !content.isEmpty else { throw member.error("the token is empty") }
            return (content, try member.tokenID())
        }
    }

    /// Refuses an `added_tokens.json` that gives a token another id than it comes to.
    func checkAddedTokens(_ pipeline: TokenizerPipeline) throws {
        for (content, id) in try addedTokens() {
            guard let found = pipeline.id(of: content), found != id else { continue }
            throw TokenizerError(
                file: path(of: Self.addedTokens), key: content,
                problem: "it has id \(id) here, but comes to \(found): "
                    + "added tokens follow the vocabulary without a gap, and those of the vocabulary keep their ids")
        }
    }

    /// Writes files into a folder, each under another name first and then renamed, so that none is ever half
    /// written.
    static func write(_ contents: [String: Data], to directory: URL) throws {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw TokenizerError(
                file: directory.path, problem: "the folder cannot be made: \(error.localizedDescription)")
        }
        for (name, data) in contents.sorted(by: { $0.key < $1.key }) {
            let file = directory.appendingPathComponent(name)
            do {
                try data.write(to: file, options: .atomic)
            } catch {
                throw TokenizerError(
                    file: file.path, problem: "cannot be written: \(error.localizedDescription)")
            }
        }
    }
}
