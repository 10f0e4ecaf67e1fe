import Foundation
import HubServer
import Tapestry
import Testing

/// Models by name: what they need comes from the hub, once.
struct LoadingTests {
    @Test func aModelOpensByItsName() throws {
        let scene = try Scene()
        let commit = try scene.server.add("sentence-transformers/tiny", folder: fixtureModel)
        scene.server.add(
            "sentence-transformers/tiny", ["pytorch_model.bin": [1], "onnx/model.onnx": [2], "train.py": [3], "README.md": [35]])
        let texts = ["It rains.", "A cat sits."]
        let model = try SentenceTransformer("tiny", client: scene.client())
        #expect(try model.encode(texts) == SentenceTransformer(fixtureModel.path).encode(texts))
        #expect(model.modelCardData.baseModel == "sentence-transformers/tiny")
        #expect(model.modelCardData.baseModelRevision?.count == 40 && model.modelCardData.baseModelRevision != commit)
        let fetched = scene.server.log.map(\.request.path).filter { $0.contains("/resolve/") }
        #expect(!fetched.contains { $0.hasSuffix(".bin") || $0.hasSuffix(".onnx") || $0.hasSuffix(".py") })
        #expect(fetched.contains { $0.hasSuffix("README.md") } && Set(fetched).count == fetched.count)
        // Again, without anybody being asked.
        scene.server.forgetLog()
        let offline = try SentenceTransformer("tiny", client: scene.client { $0.isOffline = true })
        #expect(offline.encode(texts) == model.encode(texts) && scene.server.log.isEmpty)
        let first = try SentenceTransformer("sentence-transformers/tiny", revision: commit, client: scene.client())
        #expect(first.modelCardData.baseModelRevision == commit)
    }

    @Test func weightsOfPyTorchAreFetchedWhereThereAreNoOthers() throws {
        let scene = try Scene()
        let tiny = fixtureModel.deletingLastPathComponent().appendingPathComponent("mini-bert")
        let copy = scene.folder.appendingPathComponent("copy")
        try FileManager.default.copyItem(at: tiny, to: copy)
        let expected = try SentenceTransformer(copy.path).encode(["It rains."])
        try FileManager.default.removeItem(at: copy.appendingPathComponent("model.safetensors"))
        try FileManager.default.copyItem(
            at: fixtureModel.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("weights/masked-lm.bin"),
            to: copy.appendingPathComponent("pytorch_model.bin"))
        try scene.server.add("o/m", folder: copy)
        scene.server.add("o/m", ["training_args.bin": [1]])
        #expect(try SentenceTransformer("o/m", client: scene.client()).encode(["It rains."]) == expected)
        #expect(!scene.server.log.contains { $0.request.path.contains("training_args.bin") })
    }

    @Test func aFolderThatExistsWins() throws {
        let scene = try Scene()
        let model = try SentenceTransformer(fixtureModel.path, client: scene.client())
        #expect(model.modelCardData.baseModel == nil && scene.server.log.isEmpty)
    }

    @Test(arguments: ["/nowhere/at/all", "./nowhere", "a/b/c", "", "models/"]) func pathsAreNoNames(_ path: String) throws {
        let scene = try Scene()
        #expect(throws: ModelFileError.self) { try SentenceTransformer(path, client: scene.client()) }
        #expect(scene.server.log.isEmpty)
    }

    @Test func whatIsNeitherIsSaid() throws {
        let scene = try Scene()
        let error = #expect(throws: HubError.self) { try SentenceTransformer("models/absent", client: scene.client(token: nil)) }
        #expect(error?.kind == .repositoryNotFound)
        for word in ["models/absent: there is no folder of this name", "no such repository", "HF_TOKEN"] {
            #expect(error.map { "\($0)".contains(word) } == true, "\(String(describing: error))")
        }
        let offline = #expect(throws: HubError.self) {
            try SentenceTransformer("owner/model", cacheFolder: scene.folder.path, localFilesOnly: true)
        }
        #expect(offline?.kind == .notCached)
    }

    @Test func aModelWithoutWeightsIsRefusedByItsFile() throws {
        let scene = try Scene()
        try scene.server.add("o/m", folder: fixtureModel)
        scene.server.add(
            HubServer.Fault("/tree/", count: 99) { answer in
                answer.body = Array(
                    String(decoding: answer.body, as: UTF8.self).replacing("model.safetensors", with: "tf_model.h5").utf8)
            })
        let error = #expect(throws: ModelFileError.self) { try SentenceTransformer("o/m", client: scene.client()) }
        #expect(error.map { "\($0)".contains("safetensors") } == true)
    }
}
