import Foundation
import Tapestry
import Testing

/// A trained model says what it was made of, and is made again with the same bytes, or one is told what differs.
struct RerunTests {
    let tool: CommandLineTool

    init() throws { tool = try CommandLineTool() }

    @Test func theSameBytesOrTheFirstDifference() throws {
        try tool.write("scored.csv", CommandLineTool.pairs)
        try tool.write("run.yaml", "train: scored.csv\nepochs: 1\nlearning_rate: 1e-3\n")
        let model = tool.folder.appendingPathComponent("model")
        try FileManager.default.copyItem(at: CommandLineTool.fixtureModel, to: model)
        let first = try tool.run(
            "train", "--model", "model", "--config", "run.yaml", "--output", "out", "--set", "save_strategy=no", "--set",
            "disable_tqdm=true")
        #expect(first.code == 0, "\(first.errors)")

        let same = try tool.run("rerun", "out/run_manifest.json", "--output", "again")
        #expect(same.code == 0 && same.output.contains("The new model has the same bytes"), "\(same.output) \(same.errors)")
        let object = try JSONFile.readObject(tool.folder.appendingPathComponent("out/run_manifest.json"))
        guard case .array(let inputs)? = object["inputs"], case .array(let outputs)? = object["outputs"] else { fatalError() }
        func paths(_ entries: [JSONValue]) -> [String] {
            entries.compactMap { if case .object(let entry) = $0, case .string(let path)? = entry["path"] { path } else { nil } }
        }
        #expect(Set(paths(inputs)).isSuperset(of: ["scored.csv", "run.yaml", "model/model.safetensors", "model/1_Pooling/config.json"]))
        #expect(paths(outputs).contains("model.safetensors") && !paths(outputs).contains("report.html"))

        try tool.write("scored.csv", CommandLineTool.pairs + "It rains.,It snows.,0.1\n")
        let other = try tool.run("rerun", "out/run_manifest.json")
        #expect(other.code == 1 && other.errors.contains("scored.csv has another content") && other.errors.contains("--anyway"))
        let anyway = try tool.run("rerun", "out/run_manifest.json", "--anyway")
        #expect(anyway.code == 1 && anyway.errors.contains("the new model: model.safetensors has other bytes"), "\(anyway.errors)")
        try FileManager.default.removeItem(at: model.appendingPathComponent("model.safetensors"))
        try tool.write("scored.csv", CommandLineTool.pairs)
        #expect(try tool.run("rerun", "out/run_manifest.json").errors.contains("model/model.safetensors is missing"))
    }

    @Test(arguments: [
        ("{}", "command"), ("[]", "an object"),
        (#"{"command": ["encode"], "inputs": [], "outputs": [], "program": "", "processor": []}"#, "no \"train\""),
        ("{", "not valid JSON"),
    ]) func manifestsThatAreNone(_ content: String, _ message: String) throws {
        try tool.write("manifest.json", content)
        let result = try tool.run("rerun", "manifest.json")
        #expect(result.code == 1 && result.errors.contains("manifest.json") && result.errors.contains(message), "\(result.errors)")
    }
}
