import Foundation
import Testing
@testable import Hub

/// Names of repositories, settings of the environment, patterns of paths.
struct NameTests {
    @Test(arguments: [
        ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"), ("bert-base-uncased", "bert-base-uncased"),
        ("xlm-roberta-base", "xlm-roberta-base"), ("distilroberta-base", "distilroberta-base"), ("albert-xxlarge-v2", "albert-xxlarge-v2"),
        ("owner/name", "owner/name"), ("bert-base", "sentence-transformers/bert-base"),
    ])
    func modelsWithoutAnOwner(_ name: String, _ id: String) throws { #expect(try Repository(modelNamed: name).id == id) }

    @Test(arguments: [
        "", "a/b/c", "/a", "a/", "a b", "a--b", "a..b", "a.git", "-a", "a-", "ä/b", "a/.b", "a\nb", "a?b", "../a",
        String(repeating: "x", count: 97),
    ])
    func noNames(_ name: String) { expectHubError(.invalidArgument) { try Repository(name) } }

    @Test func foldersOfTheCache() throws {
        #expect(try Repository("a/b").folderName == "models--a--b")
        #expect(try Repository("a/b", kind: .dataset).folderName == "datasets--a--b")
        #expect(try Repository("gpt2").folderName == "models--gpt2")
    }

    @Test func variablesOfTheEnvironment() throws {
        let plain = try HubSettings(environment: ["HOME": "/home/me"])
        #expect(plain.endpoint.absoluteString == "https://huggingface.co" && plain.cacheFolder.path == "/home/me/.cache/huggingface/hub")
        #expect(!plain.isOffline && plain.token == nil)
        let xdg = try HubSettings(environment: ["HOME": "/home/me", "XDG_CACHE_HOME": "/x"])
        #expect(xdg.cacheFolder.path == "/x/huggingface/hub")
        let own = try HubSettings(environment: [
            "HOME": "/home/me", "HF_HOME": "~/hf", "HF_ENDPOINT": "https://mirror.example/", "HF_HUB_OFFLINE": "TRUE",
            "HF_TOKEN": " hf_abc\n",
            "HF_HUB_DOWNLOAD_TIMEOUT": "3",
        ])
        #expect(own.cacheFolder.path == "/home/me/hf/hub" && own.endpoint.absoluteString == "https://mirror.example")
        #expect(try own.isOffline && own.token == HubToken("hf_abc") && own.timeout == 3)
        #expect(try HubSettings(environment: ["HF_HOME": "/h", "HF_HUB_CACHE": "/c"]).cacheFolder.path == "/c")
        #expect(try HubSettings(cacheFolder: "/d", environment: ["HF_HUB_CACHE": "/c"]).cacheFolder.path == "/d")
        #expect(try HubSettings(localFilesOnly: true, environment: [:]).isOffline)
        expectHubError(.invalidArgument, ["HF_ENDPOINT"]) { try HubSettings(environment: ["HF_ENDPOINT": "mirror"]) }
        expectHubError(.invalidArgument, ["HF_ENDPOINT"]) { try HubSettings(environment: ["HF_ENDPOINT": "ftp://mirror"]) }
    }

    @Test func tokensComeFromTheArgumentTheVariableTheFile() throws {
        let scene = try Scene()
        try Data("hf_file\n".utf8).write(to: scene.folder.appendingPathComponent("token"))
        #expect(try scene.settings().token == HubToken("hf_file"))
        #expect(try scene.settings(["HF_TOKEN": "hf_variable"]).token == HubToken("hf_variable"))
        #expect(try scene.settings(token: "hf_argument", ["HF_TOKEN": "hf_variable"]).token == HubToken("hf_argument"))
        for text in ["", "hf_a\r\nX-Other: 1", "hf_ä", "hf a"] { expectHubError(.invalidArgument, ["token"]) { try HubToken(text) } }
    }

    @Test func tokensAreNotPrinted() throws {
        let token = try HubToken("hf_secretsecret")
        let settings = try HubSettings(token: "hf_secretsecret", environment: [:])
        var dumped = ""
        dump(settings, to: &dumped)
        for text in [
            "\(token)", String(reflecting: token), "\(settings)", String(reflecting: settings), dumped, "\(try HubClient(settings))",
        ] {
            #expect(!text.contains("secretsecret"), "\(text)")
        }
    }

    @Test(arguments: [
        ("*.json", "a/b.json", true, true), ("*.json", "a/b.json", false, false), ("*.json", "b.json", false, true),
        ("1_Pooling/", "1_Pooling/config.json", true, true), ("data/**", "data/x/y.csv", false, true),
        ("**/train*", "train.csv", false, true),
        ("**/train*", "a/b/train.csv", false, true), ("**/train*", "a/b/xtrain.csv", false, false), ("a?c", "abc", false, true),
        ("a?c", "a/c", false, false), ("[a-c]x", "bx", false, true), ("[!a-c]x", "bx", false, false), ("[-._ 0-9]x", "-x", false, true),
        ("[ab", "[ab", false, true), ("a*b*c", "axxbyyc", false, true), ("a*b*c", "axxbyy", false, false), ("", "", false, true),
        ("**/train/**", "train/a.csv", false, true), ("**/train/**", "x/train/a.csv", false, true),
    ])
    func patterns(_ pattern: String, _ path: String, _ crossing: Bool, _ matches: Bool) {
        #expect(FilePattern(pattern, starsCrossSlashes: crossing).matches(path) == matches)
    }

    @Test func aHardPatternEnds() {
        let pattern = String(repeating: "*a", count: 60) + "b"
        #expect(!FilePattern(pattern, starsCrossSlashes: true).matches(String(repeating: "a", count: 500)))
    }

    @Test func safePaths() {
        for path in ["a", "a/b.c", "ä/ö", ".gitattributes"] { #expect(RemoteFile.isSafe(path: path)) }
        for path in ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "a\0b", "a\\b", String(repeating: "x", count: 256)] {
            #expect(!RemoteFile.isSafe(path: path), "\(path)")
        }
        for etag in ["", "..", ".x", "a/b", "a b"] { #expect(!RemoteFile.isSafe(etag: etag)) }
    }
}
