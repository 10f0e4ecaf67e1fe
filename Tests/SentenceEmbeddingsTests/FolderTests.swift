import Foundation
import Tapestry
import Testing

/// Folders as other programs leave them: settings of old, other special tokens, prompts. What is made of them is the reference's.
struct FolderTests {
    struct Case: Decodable {
        let files: [String: String?]
        let texts: [String]
        let prompt: String?
        let ids: [[Int32]]
        let embeddings, query, document: [[Double]]

        static func all() throws -> [String: Case] {
            try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: fixture("folders/folders.json")))
        }

        /// Makes the folder.
        func model(in folder: TemporaryFolder) throws -> URL {
            let copy = try folder.copy(of: "mini-bert")
            for (name, text) in files {
                let file = copy.appendingPathComponent(name)
                guard let text else {
                    try FileManager.default.removeItem(at: file)
                    continue
                }
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            return copy
        }
    }

    static let names: [String] = {
        do {
            return try Case.all().keys.sorted()
        } catch {
            fatalError("folders.json: \(error)")
        }
    }()

    private func expect(_ model: SentenceTransformer, gives expected: Case, sourceLocation: SourceLocation = #_sourceLocation) {
        for (text, ids) in zip(expected.texts, expected.ids) {
            #expect(model.input.tokenize(text) == ids, "\(text)", sourceLocation: sourceLocation)
        }
        let found = [
            ("embeddings", model.encode(expected.texts, prompt: expected.prompt), expected.embeddings),
            ("query", model.encodeQuery(expected.texts), expected.query),
            ("document", model.encodeDocument(expected.texts), expected.document),
        ]
        for (name, ours, theirs) in found {
            #expect(ours.maximumDifference(to: Tensor(theirs)) < 2e-6, "\(name)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: names) func theFolderOpensAsInTheReference(name: String) throws {
        let folder = try TemporaryFolder()
        let expected = try #require(try Case.all()[name])
        let model = try SentenceTransformer(expected.model(in: folder).path)
        expect(model, gives: expected)
        try model.save(to: folder.file("saved").path)
        expect(try SentenceTransformer(folder.file("saved").path), gives: expected)
    }

    /// A tokenizer keeps its way with it, also in a model that is put together anew.
    @Test func aTokenizerThatMakesTextSmallDoesSoInAnyModel() throws {
        let folder = try TemporaryFolder()
        let expected = try #require(try Case.all()["lowercases where asked"])
        let old = try SentenceTransformer(expected.model(in: folder).path)
        let transformer = Transformer(old.transformer!.model, tokenizer: old.tokenizer)
        try SentenceTransformer(transformer, old.modules).save(to: folder.file("saved").path)
        expect(try SentenceTransformer(folder.file("saved").path), gives: expected)
        #expect(transformer.tokenizer.encode("THE DOG", "[SEP]", maximumLength: nil).ids == [2, 5, 23, 3, 3, 3])
    }
}
