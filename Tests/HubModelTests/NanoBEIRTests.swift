import Foundation
import HubServer
import Tapestry
import Testing

/// The collection of small retrieval sets, as the hub has it.
struct NanoBEIRTests {
    /// Parquet files as the collection's: subsets as folders, a split for each dataset.
    private func scene() throws -> Scene {
        let scene = try Scene()
        func add(_ path: String, _ table: Dataset) throws {
            let url = scene.folder.appendingPathComponent(UUID().uuidString + ".parquet")
            try table.write(to: url)
            scene.server.add("datasets/o/nano", [path: try [UInt8](Data(contentsOf: url))])
        }
        let splits = ["corpus", "queries", "qrels"].map { subset in
            "- config_name: \(subset)\n  data_files:\n"
                + ["NanoMSMARCO", "NanoNQ"].map { "  - split: \($0)\n    path: \(subset)/\($0)-*\n" }.joined()
        }
        scene.server.add("datasets/o/nano", ["README.md": Array("---\nconfigs:\n\(splits.joined())---\n".utf8)])
        for (name, first) in [("NanoMSMARCO", "a"), ("NanoNQ", "b")] {
            try add(
                "corpus/\(name)-00000-of-00001.parquet",
                Dataset(["_id": ["d1", "d2", "d3"], "text": ["\(first) cat", "", "a dog sleeps"]]))
            try add("queries/\(name)-00000-of-00001.parquet", Dataset(["_id": ["q1", "q2"], "text": ["\(first) cat", "the dog"]]))
            try add("qrels/\(name)-00000-of-00001.parquet", Dataset(["query-id": ["q1", "q2"], "corpus-id": ["d1", "d3"]]))
        }
        return scene
    }

    @Test func itsFilesBecomeEvaluators() throws {
        let scene = try scene()
        let all = try NanoBEIREvaluator(datasetID: "o/nano", datasetNames: ["MSMARCO", "nq"], client: scene.client())
        #expect(all.evaluators.map(\.name) == ["NanoMSMARCO", "NanoNQ"])
        // A document without a text is left out.
        #expect(all.evaluators[0].corpus.map(\.id) == ["d1", "d3"] && all.evaluators[0].queries.map(\.text) == ["a cat", "the dog"])
        let result = try all(SentenceTransformer(fixtureModel.path))
        #expect(result["NanoMSMARCO_cosine_recall@3"] == 1 && result["NanoBEIR_mean_cosine_recall@3"] == 1)
        // Again, without anybody being asked.
        scene.server.forgetLog()
        let offline = try scene.client { $0.isOffline = true }
        #expect(try NanoBEIREvaluator(datasetID: "o/nano", datasetNames: ["nq"], client: offline).evaluators.count == 1)
        #expect(scene.server.log.isEmpty)
    }

    @Test func whatIsNotThereIsSaid() throws {
        let scene = try scene()
        let error = #expect(throws: EvaluationError.self) {
            try NanoBEIREvaluator(datasetID: "o/nano", datasetNames: ["msmarko"], client: scene.client())
        }
        #expect(error?.description.contains("msmarko") == true)
        #expect(throws: HubError.self) { try NanoBEIREvaluator(datasetID: "o/nano", datasetNames: ["scifact"], client: scene.client()) }
        #expect(throws: HubError.self) { try NanoBEIREvaluator(datasetID: "o/absent", datasetNames: ["nq"], client: scene.client()) }
    }
}
