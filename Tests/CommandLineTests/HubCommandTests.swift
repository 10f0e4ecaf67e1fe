import Foundation
import HubServer
import Testing

/// `download`, `push`, and models by name, against a hub on this machine.
struct HubCommandTests {
    private let (server, tool): (HubServer, CommandLineTool)

    init() throws {
        (server, tool) = (try HubServer(), try CommandLineTool())
        tool.environment = [
            "HF_ENDPOINT": server.endpoint, "HF_HOME": tool.folder.path, "HF_HUB_CACHE": tool.folder.appendingPathComponent("cache").path,
            "HF_TOKEN": HubServer.token, "HF_HUB_OFFLINE": "0",
        ]
    }

    @Test func aModelIsPushedDownloadedAndUsed() throws {
        _ = try tool.copyModel("mine")
        let pushed = try tool.run("push", "someone/mine", "--model", "mine", "--private", "--message", "Mine")
        #expect(pushed.code == 0 && pushed.output.hasPrefix("\(server.endpoint)/someone/mine/commit/"), "\(pushed.errors)")
        #expect(server.isPrivate("someone/mine") == true && server.messages("someone/mine") == ["Mine"])
        let found = try tool.run("download", "someone/mine")
        #expect(found.code == 0 && found.output.contains("models--someone--mine/snapshots/"), "\(found.errors)")
        server.stop()
        let used = try tool.run("info", "--model", "someone/mine")
        #expect(used.code == 0 && used.output.contains("embedding dimension"), "\(used.errors)")
        for text in [pushed.output, pushed.errors, found.errors, used.errors] { #expect(!text.contains(HubServer.token)) }
    }

    @Test func wrongUsesSayWhatWouldBeRight() throws {
        _ = try tool.copyModel("mine")
        server.add("someone/there", ["a": [1]])
        for (arguments, code, words) in [
            (["download", "no/such/name"], 2, ["no/such/name", "owner/name"]), (["download", "owner/nothing"], 1, ["owner/nothing"]),
            (["download", "someone/there", "--revision", "v9"], 1, ["v9"]), (["push", "a b", "--model", "mine"], 2, ["a b"]),
            (["push", "someone/x", "--model", "nowhere"], 1, ["nowhere"]),
            (["push", "someone/there", "--model", "mine"], 1, ["exists already"]),
            (["push", "foreign/x", "--model", "mine"], 1, ["right to write"]), (["push", "someone/x"], 2, ["--model"]),
            (["download"], 2, ["name"]),
        ] as [([String], Int32, [String])] {
            let result = try tool.run(arguments)
            #expect(result.code == code, "\(arguments): \(result.errors)")
            for word in words { #expect(result.errors.contains(word), "\(arguments): \(result.errors) lacks \(word)") }
        }
        tool.environment["HF_HUB_OFFLINE"] = "1"
        let offline = try tool.run("info", "--model", "owner/model")
        #expect(offline.code == 1 && offline.errors.contains("no folder of this name") && offline.errors.contains("HF_HUB_OFFLINE"))
    }

    @Test func theCardOfARunIsWhatTheFileSays() throws {
        try tool.write("train.csv", CommandLineTool.pairs)
        try tool.write(
            "run.yaml",
            """
            train: train.csv
            output: out
            model: \(CommandLineTool.fixtureModel.path)
            epochs: 1
            model_card: {license: mit, language: [en], model_name: Mine, tags: [mine]}
            """)
        let trained = try tool.run("train", "--config", "run.yaml")
        #expect(trained.code == 0, "\(trained.errors)")
        let card = try String(contentsOf: tool.folder.appendingPathComponent("out/README.md"), encoding: .utf8)
        for part in ["license: mit", "- en", "# Mine", "- mine"] { #expect(card.contains(part), "lacks \(part)") }
        for (line, word) in [
            ("model_card: {licence: mit}", "licence"), ("model_card: mit", "license: mit"), ("model_card: {language: 3}", "language"),
        ] {
            try tool.write("bad.yaml", "train: train.csv\noutput: out2\n\(line)\n")
            let result = try tool.run("train", "--config", "bad.yaml")
            #expect(result.code == 2 && result.errors.contains("bad.yaml: ") && result.errors.contains(word), "\(result.errors)")
        }
    }
}
