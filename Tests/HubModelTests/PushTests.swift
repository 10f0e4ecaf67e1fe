import Foundation
import HubServer
import Tapestry
import Testing

/// Models to the hub: by hand, and while they train.
struct PushTests {
    private func model() throws -> SentenceTransformer { try SentenceTransformer(fixtureModel.path) }

    @Test func aPushedModelComesBackByItsName() throws {
        let scene = try Scene()
        let model = try model()
        let url = try model.pushToHub("someone/mine", isPrivate: true, client: scene.client())
        #expect(url.hasPrefix("\(scene.server.endpoint)/someone/mine/commit/") && scene.server.isPrivate("someone/mine") == true)
        #expect(scene.server.messages("someone/mine") == ["Add new SentenceTransformer model"])
        let back = try SentenceTransformer("someone/mine", client: scene.client())
        #expect(back.encode(["It rains."]) == model.encode(["It rains."]))
        let card = String(decoding: scene.server.files("someone/mine")?["README.md"] ?? [], as: UTF8.self)
        #expect(card.contains("SentenceTransformer(\"someone/mine\")") && !card.contains("generated_from_trainer"))
    }

    @Test func cardsStayUnlessTheyShallNot() throws {
        let scene = try Scene()
        let model = try model()
        scene.server.add("someone/mine", ["README.md": Array("mine".utf8)])
        let error = #expect(throws: HubError.self) { try model.pushToHub("someone/mine", client: scene.client()) }
        #expect(error?.kind == .conflict)
        _ = try model.pushToHub("someone/mine", allowingExisting: true, client: scene.client())
        #expect(scene.server.files("someone/mine")?["README.md"] == Array("mine".utf8))
        #expect(scene.server.files("someone/mine")?["modules.json"] != nil)
        _ = try model.pushToHub("someone/mine", allowingExisting: true, replaceModelCard: true, client: scene.client())
        #expect(scene.server.files("someone/mine")?["README.md"] != Array("mine".utf8))
        #expect(scene.server.messages("someone/mine").count == 2)
    }

    @Test func foldersBranchesAndPullRequests() throws {
        let scene = try Scene()
        let model = try model()
        let local = scene.file("local")
        try model.save(to: local.path)
        for name in ["checkpoint-5/model.safetensors", ".hidden", "report.html"] {
            let url = local.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data([1]).write(to: url)
        }
        _ = try model.pushToHub("someone/mine", localModelPath: local.path, revision: "dev", client: scene.client())
        let names = try #require(scene.server.files("someone/mine", branch: "dev")).keys
        #expect(names.contains("report.html") && names.contains("1_Pooling/config.json"))
        #expect(!names.contains { $0.hasPrefix("checkpoint-") || $0 == ".hidden" })
        let url = try model.pushToHub("someone/mine", createPR: true, client: scene.client())
        #expect(url == "\(scene.server.endpoint)/someone/mine/discussions/1")
    }

    private func train(
        _ scene: Scene, _ strategy: HubStrategy, _ client: HubClient, _ change: (inout TrainingArguments) -> Void = { _ in }
    ) throws -> PushToHubCallback {
        let callback = try PushToHubCallback(
            HubPushSettings(hubModelID: "someone/trained") { ($0.hubStrategy, $0.hubAlwaysPush) = (strategy, true) }, client: client)
        let arguments = TrainingArguments(outputDir: scene.file("out").path, learningRate: 1e-3) {
            ($0.maxSteps, $0.saveSteps, $0.saveTotalLimit) = (4, 2, 1)
            change(&$0)
        }
        let trainer = try Trainer(model(), loss: CoSENTLoss(), dataset: pairs(), arguments: arguments, callbacks: [callback])
        try trainer.train()
        return callback
    }

    @Test(arguments: HubStrategy.allCases) func aRunPushesAsItsStrategySays(_ strategy: HubStrategy) throws {
        let scene = try Scene()
        let callback = try train(scene, strategy, scene.client())
        #expect(callback.failure == nil && callback.repository.id == "someone/trained")
        let messages = scene.server.messages("someone/trained")
        let saves = ["Training in progress, step 2", "Training in progress, step 4"]
        switch strategy {
        case .end: #expect(messages == ["End of training"])
        // The last checkpoint is the model as it ends, but for its card.
        case .everySave: #expect(messages == saves + ["End of training"])
        default: #expect(messages == [saves[0], saves[0] + ", checkpoint", saves[1], saves[1] + ", checkpoint", "End of training"])
        }
        let names = try #require(scene.server.files("someone/trained")).keys.sorted()
        #expect(!names.contains("training_state.safetensors") && names.contains("README.md"))
        #expect(names.contains("last-checkpoint/training_state.safetensors") == (strategy == .checkpoint))
        #expect(names.contains("checkpoint-2/training_state.safetensors") == (strategy == .allCheckpoints))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.file("out").path).allSatisfy { !$0.hasPrefix(".push") })
        let trained = try SentenceTransformer("someone/trained", client: scene.client())
        #expect(try trained.encode(["It rains."]) != model().encode(["It rains."]))
        let card = String(decoding: scene.server.files("someone/trained")?["README.md"] ?? [], as: UTF8.self)
        #expect(card.contains("generated_from_trainer") && card.contains("\"someone/trained\""))
    }

    @Test func aFailingPushStopsNoTraining() throws {
        let scene = try Scene()
        let client = try scene.client()
        scene.server.add(HubServer.Fault("/commit/", count: 99) { $0 = Answer(500) })
        let callback = try train(scene, .everySave, client)
        #expect((callback.failure as? HubError)?.kind == .server)
        #expect(scene.notices.withLock { $0 }.contains { $0.contains("someone/trained failed, training goes on") })
        #expect(FileManager.default.fileExists(atPath: scene.file("out/checkpoint-4/model.safetensors").path))
    }

    @Test func aWrongTokenIsKnownBeforeTraining() throws {
        let scene = try Scene()
        let error = #expect(throws: HubError.self) {
            try PushToHubCallback(HubPushSettings(hubModelID: "someone/x"), client: scene.client(token: "hf_wrong"))
        }
        #expect(error?.kind == .unauthorized)
    }

    @Test func theTokenIsInNoFile() throws {
        let scene = try Scene()
        _ = try train(scene, .allCheckpoints, scene.client())
        for path in try FileManager.default.subpathsOfDirectory(atPath: scene.folder.path) {
            let url = scene.file(path)
            guard let data = try? Data(contentsOf: url) else { continue }
            #expect(data.range(of: Data(HubServer.token.utf8)) == nil, "\(path)")
        }
        for content in scene.server.files("someone/trained")?.values.map({ Data($0) }) ?? [] {
            #expect(content.range(of: Data(HubServer.token.utf8)) == nil)
        }
    }
}
