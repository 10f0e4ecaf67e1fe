import Foundation
import Testing
@testable import ModelFiles

/// The list of modules is read in order, of either generation, and never leads out of its folder.
struct ModelDirectoryTests {
    func open(_ modules: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(modules, "modules.json")
        _ = try ModelDirectory(contentsOf: folder.url)
    }

    func entry(
        idx: String = "0", path: String = "", type: String = "sentence_transformers.models.Pooling"
    ) -> String {
        #"{"idx":\#(idx),"name":"0","path":"\#(path)","type":"\#(type)"}"#
    }

    @Test func readsAModelOfVersion6() throws {
        let directory = try ModelDirectory(contentsOf: fixture("tiny-bert"))
        #expect(directory.hasModuleList)
        #expect(directory.modules.map(\.kind) == [.transformer, .pooling, .dense, .normalize])
        #expect(directory.modules.map(\.path) == ["", "1_Pooling", "2_Dense", "3_Normalize"])
        #expect(try directory.folder(of: directory.modules[0]) == directory.url)
        let dense = try DenseConfiguration.read(fromFolder: directory.folder(of: directory.modules[2]))
        #expect(dense.inputFeatures == 16 && dense.outputFeatures == 4)
    }

    @Test func writesTheListThatVersion6Writes() throws {
        let kinds: [ModuleKind] = [.transformer, .pooling, .dense, .normalize]
        let modules = kinds.enumerated().map { ModuleEntry(index: $0.offset, kind: $0.element) }
        let folder = try TemporaryFolder()
        try ModelDirectory.writeModules(modules, toFolder: folder.url)
        let written = folder.file("modules.json")
        #expect(try JSONFile.read(written) == JSONFile.read(fixture("tiny-bert/modules.json")))
        #expect(try ModelDirectory(contentsOf: folder.url).modules == modules)
    }

    @Test(arguments: ModuleKind.allCases)
    func everyKindIsKnownByBothNames(kind: ModuleKind) {
        #expect(ModuleKind(type: kind.typeName(.legacy)) == kind)
        #expect(ModuleKind(type: kind.typeName(.version6)) == kind)
    }

    @Test func modulesAreSortedAndKeepWhatIsUnknown() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            [{"idx": 1, "name": "p", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling", "new": 5},
             {"idx": 0, "name": "t", "path": "", "type": "sentence_transformers.models.Transformer",
              "kwargs": ["task"]}]
            """, "modules.json")
        let directory = try ModelDirectory(contentsOf: folder.url)
        #expect(directory.modules.map(\.name) == ["t", "p"])
        #expect(directory.modules[0].argumentNames == ["task"])
        try ModelDirectory.writeModules(directory.modules, toFolder: folder.url)
        #expect(try ModelDirectory(contentsOf: folder.url).modules == directory.modules)
        #expect(directory.modules[1].unknownKeys == ["new": .integer(5)])
    }

    @Test func aBareTransformerIsOneModule() throws {
        let folder = try TemporaryFolder()
        expectError(.missing, [folder.url.path, "neither modules.json nor config.json"]) {
            _ = try ModelDirectory(contentsOf: folder.url)
        }
        try folder.write("{}", "config.json")
        let directory = try ModelDirectory(contentsOf: folder.url)
        #expect(!directory.hasModuleList)
        #expect(directory.modules.map(\.kind) == [.transformer])
    }

    @Test func refusesBrokenLists() {
        let missing = #"[{"idx":0,"name":"0","type":"sentence_transformers.models.Pooling"}]"#
        let cases: [(String, [String])] = [
            ("{}", ["a list", "an object"]),
            ("[]", ["an empty list"]),
            ("[3]", ["entry 0", "the integer 3"]),
            ("[\(entry()),\(entry(idx: "-1"))]", ["entry 1", "\"idx\"", "-1"]),
            ("[\(entry()),\(entry(idx: "0"))]", ["entry 1", "\"idx\"", "entry 0"]),
            (missing, ["entry 0", "\"path\"", "required"]),
            ("[\(entry(path: "/etc"))]", ["entry 0", "\"path\"", "\"/etc\"", "absolute"]),
            ("[\(entry(path: "../other"))]", ["entry 0", "\"path\"", "\"..\""]),
            ("[\(entry(path: "a/../b"))]", ["entry 0", "\"path\"", "\"..\""]),
            ("[\(entry(path: "a\\u0000b"))]", ["entry 0", "\"path\"", "NUL"]),
        ]
        for (text, words) in cases {
            expectError(.malformed, words + ["modules.json"]) { try open(text) }
        }
    }

    @Test func refusesForeignClassesUnlessAllowed() throws {
        for type in ["mine.Pooling", "sentence_transformers.models.Magic", "Pooling"] {
            expectError(.unsupported, ["entry 0", "\"type\"", "\"\(type)\"", "Transformer, Pooling"]) {
                try open("[\(entry(type: type))]")
            }
        }
        let folder = try TemporaryFolder()
        try folder.write("[\(entry(type: "mine.Pooling"))]", "modules.json")
        let directory = try ModelDirectory(contentsOf: folder.url, allowingUnknownModules: true)
        #expect(directory.modules[0].kind == nil)
    }

    @Test func linksMayNotLeadOut() throws {
        let outside = try TemporaryFolder()
        try outside.write("{}", "secret/config.json")
        let folder = try TemporaryFolder()
        try folder.write("[\(entry(path: "1_Pooling"))]", "model/modules.json")
        let link = folder.file("model/1_Pooling")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: outside.file("secret"))
        expectError(.malformed, ["modules.json", "\"1_Pooling\"", "symbolic link"]) {
            _ = try ModelDirectory(contentsOf: folder.file("model"))
        }
        // Also when the link is in the middle and what would be behind it does not exist.
        try folder.write("[\(entry(path: "1_Pooling/absent"))]", "model/modules.json")
        expectError(.malformed, ["symbolic link"]) { _ = try ModelDirectory(contentsOf: folder.file("model")) }
    }

    @Test func linksInsideAndAboveAreFine() throws {
        let folder = try TemporaryFolder()
        try folder.write("[\(entry(path: "1_Pooling"))]", "model/modules.json")
        try folder.write("{}", "model/real/config.json")
        try FileManager.default.createSymbolicLink(
            at: folder.file("model/1_Pooling"), withDestinationURL: folder.file("model/real"))
        try FileManager.default.createSymbolicLink(
            at: folder.file("alias"), withDestinationURL: folder.file("model"))
        for name in ["model", "alias"] {
            let directory = try ModelDirectory(contentsOf: folder.file(name))
            let config = try directory.folder(of: directory.modules[0]).appendingPathComponent("config.json")
            #expect(FileManager.default.fileExists(atPath: config.path))
        }
        // The folder of a module that stores nothing need not exist, even below a linked model directory.
        try folder.write("[\(entry(path: "2_Normalize"))]", "model/modules.json")
        #expect(try ModelDirectory(contentsOf: folder.file("alias")).modules.count == 1)
    }
}
