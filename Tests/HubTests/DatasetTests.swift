import Foundation
import HubServer
import Tables
import Testing
@testable import Hub

/// Datasets of the hub: which files make a split, and their rows.
struct DatasetTests {
    private static func csv(_ rows: Range<Int>) -> [UInt8] {
        Array(("anchor,positive,label\n" + rows.map { "a\($0),b\($0),0.\($0)\n" }.joined()).utf8)
    }

    private func splits(_ paths: [String], readme: String? = nil, _ subset: String? = nil) throws -> [String: [String]] {
        let files = try DatasetFiles(paths, readme: readme, subset: subset, of: Repository("o/d", kind: .dataset))
        return Dictionary(uniqueKeysWithValues: files.splits.map { ($0.name, $0.files) })
    }

    @Test func splitsByTheNamesOfFiles() throws {
        #expect(
            try splits([
                "README.md", "data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet",
                "data/test-00000-of-00001-ab12.parquet",
                "data/own-00000-of-00001.parquet",
            ]) == [
                "train": ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"],
                "test": ["data/test-00000-of-00001-ab12.parquet"], "own": ["data/own-00000-of-00001.parquet"],
            ])
        #expect(
            try splits(["train.csv", "dev.csv", "sts-test.csv", "notes.md"])
                == ["train": ["train.csv"], "validation": ["dev.csv"], "test": ["sts-test.csv"]])
        #expect(
            try splits(["data/train/a.jsonl", "data/train/b.jsonl", "data/eval/c.jsonl"])
                == ["train": ["data/train/a.jsonl", "data/train/b.jsonl"], "test": ["data/eval/c.jsonl"]])
        #expect(try splits(["all.jsonl.gz", ".hidden.csv", "__pycache__/x.csv", "dataset_infos.json"]) == ["train": ["all.jsonl.gz"]])
        #expect(
            try splits(["pair/train-00000-of-00001.parquet", "triplet/train-00000-of-00001.parquet"], readme: nil, "pair")
                == ["train": ["pair/train-00000-of-00001.parquet"]])
        expectHubError(.invalidArgument, ["o/d", "no data files", "parquet"]) { try splits(["README.md", "x.py"]) }
        expectHubError(.invalidArgument, ["no subset \"x\""]) { try splits(["train.csv"], readme: nil, "x") }
    }

    private static let readme = """
        ---
        language: en
        configs:
        - config_name: pair
          data_files:
          - split: train
            path: pair/train-*
          - split: dev
            path: [pair/dev-*]
        - config_name: triplet
          default: true
          data_files: triplet/*.csv
        - config_name: 2024
          data_dir: year/
        ---
        # Data
        """

    @Test func splitsByTheFrontMatter() throws {
        let paths = ["pair/train-0.csv", "pair/train-1.csv", "pair/dev-0.csv", "triplet/x.csv", "triplet/deep/y.csv", "year/test.csv"]
        #expect(
            try splits(paths, readme: Self.readme, "pair") == [
                "train": ["pair/train-0.csv", "pair/train-1.csv"], "dev": ["pair/dev-0.csv"],
            ])
        #expect(try splits(paths, readme: Self.readme) == ["train": ["triplet/x.csv"]])
        #expect(try splits(paths, readme: Self.readme, "2024") == ["test": ["year/test.csv"]])
        expectHubError(.invalidArgument, ["pair, triplet, 2024"]) { try splits(paths, readme: Self.readme, "other") }
        expectHubError(.invalidArgument, ["a subset has to be named"]) {
            try splits(paths, readme: Self.readme.replacing("  default: true\n", with: ""))
        }
        expectHubError(.invalidArgument, ["no data file matches pair/train-*"]) { try splits(["a.csv"], readme: Self.readme, "pair") }
    }

    @Test(arguments: [
        ("---\nconfigs: 3\n---", "a list"), ("---\nconfigs:\n- a: 1\n---", "config_name"), ("---\nconfigs: [\n---", "cannot be read"),
        ("---\nconfigs:\n- config_name: a\n  data_files: 3\n---", "data_files is"),
        ("---\nconfigs:\n- config_name: a\n  data_files:\n  - split: train\n---", "a split and a path"),
        ("---\n" + String(repeating: "[", count: 5000) + "\n---", "nested"),
        (
            "---\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                + "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n---",
            "a million values"
        ),
    ])
    func brokenFrontMatterIsSaid(_ readme: String, _ word: String) {
        expectHubError(.invalidArgument, ["o/d", word]) { try splits(["train.csv"], readme: readme) }
    }

    @Test func aFileWithoutFrontMatterSaysNothing() throws {
        for readme in ["", "# Data\n---\nx", "---\nlanguage: en\n", "---\n---\n", "---\nlanguage: en\n---\n"] {
            #expect(try splits(["train.csv"], readme: readme) == ["train": ["train.csv"]])
        }
    }

    @Test(arguments: [
        "", "train[", "train[1]", "train[:1000", "train[a:]", "train[:101%]", "train+", "train test", "train[1:2:3]", "train[9:9]",
    ])
    func noParts(_ split: String) throws {
        let scene = try Scene()
        scene.server.add("datasets/o/d", ["train.csv": Self.csv(0..<10)])
        #expect(throws: DatasetError.self) { try scene.client().loadDataset("o/d", split: split) }
    }

    @Test func rowsComeFromAllFilesOfASplit() throws {
        let scene = try Scene()
        scene.server.add(
            "datasets/o/d",
            [
                "data/train-00000-of-00002.csv": Self.csv(0..<6), "data/train-00001-of-00002.csv": Self.csv(6..<10),
                "data/test-00000-of-00001.csv": Self.csv(10..<12),
            ])
        let client = try scene.client()
        let all = try client.loadDataset("o/d")
        #expect(all.rowCount == 10 && all.columnNames == ["anchor", "positive"] && all.labels?.name == "label")
        #expect(Array(all.columns[0].texts) == (0..<10).map { "a\($0)" })
        // Only the files of the split that was asked for.
        #expect(!scene.server.log.contains { $0.request.path.contains("/test-") })
        #expect(try client.loadDataset("o/d", split: "train[5:7]").columns[1].texts == ["b5", "b6"])
        #expect(try client.loadDataset("o/d", split: "train[-1:]+test").columns[0].texts == ["a9", "a10", "a11"])
        expectHubError(.invalidArgument, ["no split \"dev\"", "train, test"]) { try client.loadDataset("o/d", split: "dev") }
        #expect(throws: DatasetError.self) { try client.loadDataset("o/d", split: "train[10:]") }
        let offline = try scene.client { $0.isOffline = true }
        #expect(try offline.loadDataset("o/d", split: "train[:100%]") == all)
        expectHubError(.notCached) { try offline.loadDataset("o/other") }
    }

    @Test func subsetsAndRevisions() throws {
        let scene = try Scene()
        let commit = scene.server.add(
            "datasets/o/d", ["README.md": Array(Self.readme.utf8), "triplet/x.csv": Self.csv(0..<3), "pair/train-0.csv": Self.csv(3..<5)])
        scene.server.add("datasets/o/d", ["triplet/x.csv": Self.csv(0..<4)])
        let client = try scene.client()
        #expect(try client.loadDataset("o/d").rowCount == 4)
        #expect(try client.loadDataset("o/d", revision: commit).rowCount == 3)
        #expect(try client.loadDataset("o/d", revision: commit).rowCount == 3)
    }

    /// As the hub has most datasets: shards of Parquet.
    @Test(arguments: ["parquet", "jsonl"]) func shardsOfEveryFormatAreRead(_ format: String) throws {
        let scene = try Scene()
        let all = try Dataset(["anchor": ["a", "b", "c"], "positive": ["x", "y", "z"]], labels: [0.5, 0.25, 1])
        var files: [String: [UInt8]] = [:]
        for (shard, rows) in [[0, 1], [2]].enumerated() {
            let url = scene.folder.appendingPathComponent("shard.\(format)")
            try all.select(rows).write(to: url)
            files["pair/train-0000\(shard)-of-00002.\(format)"] = try content(url)
        }
        scene.server.add("datasets/o/d", files)
        #expect(try scene.client().loadDataset("o/d", "pair") == all)
        #expect(try scene.client().loadDataset("o/d", "pair", split: "train[1:]").columns[0].texts == ["b", "c"])
    }

    @Test func filesThatDifferAreNotJoined() throws {
        let scene = try Scene()
        scene.server.add("datasets/o/d", ["train-0.csv": Self.csv(0..<3), "train-1.csv": Array("a,b\nx,y\n".utf8)])
        let error = #expect(throws: DatasetError.self) { try scene.client().loadDataset("o/d") }
        #expect(error.map { "\($0)".contains("train-1.csv") && "\($0)".contains("anchor") } == true, "\(String(describing: error))")
    }
}
