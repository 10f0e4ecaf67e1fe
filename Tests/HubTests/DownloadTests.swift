import Foundation
import HubServer
import Requirements
import Testing
@testable import Hub

/// Downloads from a hub that speaks the protocol, into the field's cache.
struct DownloadTests {
    private let files: [String: [UInt8]] = [
        "config.json": Array("{}".utf8), "1_Pooling/config.json": Array("{\"a\": 1}".utf8), "model.safetensors": noise(50_000),
        "onnx/model.onnx": noise(9000, seed: 5), "README.md": Array("# M\n".utf8), "empty.txt": [],
    ]

    private func repository(_ id: String = "owner/model") throws -> Repository { try Repository(id) }

    @Test func theCacheHasTheFieldsLayout() throws {
        let scene = try Scene()
        let commit = scene.server.add("owner/model", files)
        let folder = try scene.client().snapshotDownload(repository())
        let root = scene.cache.appendingPathComponent("models--owner--model")
        #expect(folder.path == root.appendingPathComponent("snapshots/\(commit)").path)
        for (path, bytes) in files { #expect(try content(folder.appendingPathComponent(path)) == bytes, "\(path)") }
        #expect(try String(contentsOf: root.appendingPathComponent("refs/main"), encoding: .utf8) == commit)
        let links = try ["model.safetensors", "1_Pooling/config.json"].map {
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.appendingPathComponent($0).path)
        }
        #expect(
            links == [
                "../../blobs/" + Digest.sha256(files["model.safetensors"]!),
                "../../../blobs/" + Digest.gitBlob(files["1_Pooling/config.json"]!),
            ])
        let locks = try FileManager.default.contentsOfDirectory(
            atPath: scene.cache.appendingPathComponent(".locks/models--owner--model").path)
        #expect(locks.contains(Digest.sha256(files["model.safetensors"]!) + ".lock"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("blobs").path).count == files.count)
    }

    @Test func whatIsThereIsNotFetchedAgain() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        _ = try scene.client().snapshotDownload(repository())
        scene.server.forgetLog()
        _ = try scene.client().snapshotDownload(repository())
        // What main stands for now, and nothing else.
        #expect(scene.server.log.map(\.request.path) == ["/api/models/owner/model/revision/main"])
        let commit = scene.server.add("owner/model", ["config.json": Array("{\"new\": 1}".utf8)])
        scene.server.forgetLog()
        let folder = try scene.client().snapshotDownload(repository())
        #expect(folder.lastPathComponent == commit)
        #expect(scene.server.log.filter { $0.request.path.contains("/resolve/") }.count == 1)
    }

    @Test func patternsChoose() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let folder = try scene.client().snapshotDownload(repository(), allowPatterns: ["*.json", "*.md"], ignorePatterns: ["README*"])
        let found = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        #expect(found == ["1_Pooling", "1_Pooling/config.json", "config.json"])
    }

    @Test func revisionsAreBranchesAndCommits() throws {
        let scene = try Scene()
        let first = scene.server.add("owner/model", ["a": [1]])
        scene.server.add("owner/model", ["a": [2]])
        let other = scene.server.add("owner/model", ["a": [3]], branch: "refs/pr/1")
        let client = try scene.client()
        #expect(try content(client.download("a", of: repository())) == [2])
        #expect(try content(client.download("a", of: repository(), revision: first)) == [1])
        #expect(try content(client.download("a", of: repository(), revision: "refs/pr/1")) == [3])
        let reference = scene.cache.appendingPathComponent("models--owner--model/refs/refs/pr/1")
        #expect(try String(contentsOf: reference, encoding: .utf8) == other)
        expectHubError(.revisionNotFound, ["owner/model at nowhere"]) { try client.snapshotDownload(repository(), revision: "nowhere") }
        for revision in ["", "../x", "a/../../b"] {
            expectHubError(.invalidArgument) { try client.download("a", of: repository(), revision: revision) }
        }
    }

    @Test func largeFilesComeFromTheStorageWithoutTheToken() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files, isPrivate: true)
        let client = try scene.client(token: HubServer.token)
        #expect(try content(client.download("model.safetensors", of: repository())) == files["model.safetensors"]!)
        _ = try client.snapshotDownload(repository())
        let log = scene.server.log
        #expect(log.contains { $0.isStorage && $0.status == 200 })
        #expect(log.allSatisfy { ($0.request.headers["authorization"] != nil) == !$0.isStorage })
    }

    @Test func oneFileIsFoundAgainWithoutTheHub() throws {
        let scene = try Scene()
        let commit = scene.server.add("owner/model", files)
        let online = try scene.client().download("config.json", of: repository())
        let offline = try scene.client { $0.isOffline = true }
        #expect(try offline.download("config.json", of: repository()) == online)
        scene.server.forgetLog()
        #expect(try scene.client().download("config.json", of: repository(), revision: commit) == online)
        expectHubError(.notCached, ["model.safetensors", "HF_HUB_OFFLINE"]) { try offline.download("model.safetensors", of: repository()) }
        #expect(scene.server.log.isEmpty)
    }

    @Test func missingFilesAreRemembered() throws {
        let scene = try Scene()
        let commit = scene.server.add("owner/model", files)
        expectHubError(.entryNotFound, ["modules.json"]) { try scene.client().download("modules.json", of: repository()) }
        let marker = scene.cache.appendingPathComponent("models--owner--model/.no_exist/\(commit)/modules.json")
        #expect(try content(marker).isEmpty)
        scene.server.forgetLog()
        expectHubError(.entryNotFound) { try scene.client().download("modules.json", of: repository(), revision: commit) }
        expectHubError(.entryNotFound) { try scene.client { $0.isOffline = true }.download("modules.json", of: repository()) }
        #expect(scene.server.log.isEmpty)
    }

    @Test func offlineSnapshotsAreWholeOrRefused() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let offline = try scene.client { $0.isOffline = true }
        expectHubError(.notCached) { try offline.snapshotDownload(repository()) }
        let some = try scene.client().snapshotDownload(repository(), allowPatterns: ["*.json"])
        #expect(try offline.snapshotDownload(repository(), allowPatterns: ["*.json"]) == some)
        expectHubError(.notCached, ["lacks", "HF_HUB_OFFLINE"]) { try offline.snapshotDownload(repository()) }
    }

    @Test func theCacheStandsInForAHubThatFails() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let folder = try scene.client().snapshotDownload(repository())
        scene.server.add(HubServer.Fault("/api/", count: 100) { $0 = Answer(503) })
        #expect(try scene.client().snapshotDownload(repository()) == folder)
        #expect(scene.notices.withLock { $0 }.contains { $0.contains("503") && $0.contains("the cache") })
        expectHubError(.server, ["503"]) { try scene.client().snapshotDownload(repository("owner/other")) }
        scene.server.stop()
        #expect(try scene.client().snapshotDownload(repository()) == folder)
    }

    // MARK: Faults

    @Test func brokenConnectionsAreResumed() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault("/content/", count: 3) { $0.cut = 10_000 })
        let url = try scene.client().download("model.safetensors", of: repository())
        #expect(try content(url) == files["model.safetensors"]!)
        let ranges = scene.server.log.filter { $0.isStorage }.map { $0.request.headers["range"] }
        #expect(ranges == [nil, "bytes=10000-", "bytes=20000-", "bytes=30000-"])
    }

    @Test func anInterruptedDownloadGoesOnLater() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let blobs = scene.cache.appendingPathComponent("models--owner--model/blobs")
        try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
        let oid = Digest.sha256(files["model.safetensors"]!)
        let partial = blobs.appendingPathComponent(oid + ".incomplete")
        try Data(files["model.safetensors"]!.prefix(12_345)).write(to: partial)
        _ = try scene.client().download("model.safetensors", of: repository())
        #expect(scene.server.log.filter(\.isStorage).map { $0.request.headers["range"] } == ["bytes=12345-"])
        #expect(try content(blobs.appendingPathComponent(oid)) == files["model.safetensors"]!)
        #expect(!FileManager.default.fileExists(atPath: partial.path))
    }

    @Test func aForeignBeginningIsDroppedAndFetchedAgain() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let blobs = scene.cache.appendingPathComponent("models--owner--model/blobs")
        try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
        let oid = Digest.sha256(files["model.safetensors"]!)
        for beginning in [noise(777, seed: 9), noise(60_000, seed: 9)] {
            try Data(beginning).write(to: blobs.appendingPathComponent(oid + ".incomplete"))
            try? FileManager.default.removeItem(at: blobs.appendingPathComponent(oid))
            try? FileManager.default.removeItem(at: scene.cache.appendingPathComponent("models--owner--model/snapshots"))
            #expect(try content(scene.client().download("model.safetensors", of: repository())) == files["model.safetensors"]!)
        }
    }

    @Test func aServerWithoutRangesStartsAgain() throws {
        let scene = try Scene()
        let all = files["model.safetensors"]!
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault("/content/", count: 1) { $0.cut = 10_000 })
        scene.server.add(HubServer.Fault("/content/", count: 1) { $0 = Answer(200, body: all) })
        #expect(try content(scene.client().download("model.safetensors", of: repository())) == all)
    }

    @Test(arguments: ["model.safetensors", "config.json"]) func wrongContentsAreRefused(_ path: String) throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault(path == "config.json" ? "/resolve/" : "/content/", method: "GET", count: 9) { $0.body[0] ^= 1 })
        let error = expectHubError(.checksumMismatch, [path, "try again"]) { try scene.client().download(path, of: repository()) }
        #expect(error.map { "\($0)".contains("secret") } == false)
        let blobs = try FileManager.default.contentsOfDirectory(
            atPath: scene.cache.appendingPathComponent("models--owner--model/blobs").path)
        #expect(blobs.isEmpty)
    }

    @Test func tooLongAnswersAreRefused() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault("/content/", count: 9) { $0.body += noise(100_000) })
        expectHubError(.checksumMismatch, ["more bytes"]) { try scene.client().download("model.safetensors", of: repository()) }
    }

    @Test(arguments: [429, 500, 502, 503, 504]) func whatMayPassIsTriedAgain(_ status: Int) throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault("/", count: 3) { $0 = Answer(status, headers: [("Retry-After", "0")]) })
        #expect(try content(scene.client().download("config.json", of: repository())) == files["config.json"]!)
        scene.server.add(HubServer.Fault("/", count: 1000) { $0 = Answer(status) })
        scene.server.forgetLog()
        expectHubError(status == 429 ? .tooManyRequests : .server, status == 429 ? ["HF_TOKEN"] : ["\(status)", "later"]) {
            try scene.client { $0.attempts = 4 }.download("README.md", of: repository("owner/other"))
        }
        #expect(scene.server.log.count == 4)
    }

    @Test func whatTheHubSaysIsSaid() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add("owner/private", files, isPrivate: true)
        scene.server.add("owner/gated", files, isGated: true)
        let (anonymous, known) = (try scene.client(), try scene.client(token: HubServer.token))
        expectHubError(.repositoryNotFound, ["owner/nothing", "HF_TOKEN"]) { try anonymous.snapshotDownload(repository("owner/nothing")) }
        expectHubError(.repositoryNotFound, ["owner/nothing"]) { try known.snapshotDownload(repository("owner/nothing")) }
        expectHubError(.repositoryNotFound, ["HF_TOKEN"]) { try anonymous.snapshotDownload(repository("owner/private")) }
        expectHubError(.gatedRepository, ["accepted", "\(scene.server.endpoint)/owner/gated"]) {
            try anonymous.snapshotDownload(repository("owner/gated"))
        }
        #expect(try known.snapshotDownload(repository("owner/private")).path.contains("snapshots"))
        let wrong = try scene.client(token: "hf_wrong")
        let error = expectHubError(.unauthorized, ["token", "Invalid credentials"]) { try wrong.snapshotDownload(repository()) }
        #expect(error?.status == 401 && error.map { "\($0)".contains("hf_wrong") } == false)
        scene.server.add(HubServer.Fault("/api/models/owner/model") { $0 = Answer(403, headers: [("X-Error-Message", "no, hf_wrong")]) })
        let forbidden = expectHubError(.forbidden, ["(no, …)"]) { try wrong.snapshotDownload(repository()) }
        #expect(forbidden?.status == 403)
    }

    @Test func redirectsKeepTheTokenAtHome() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let (elsewhere, home) = (scene.server.storageAddress, scene.server.endpoint)
        // A renamed repository: the same host, and the token goes along.
        scene.server.add(
            HubServer.Fault("/api/models/owner/old/revision") {
                $0 = Answer(307, headers: [("Location", "/api/models/owner/model/revision/main")])
            })
        scene.server.add(
            HubServer.Fault("/api/models/owner/old/tree", count: 9) {
                $0 = Answer(307, headers: [("Location", "\(home)/api/models/owner/model/tree/main?recursive=true&cursor=0")])
            })
        scene.server.add(
            HubServer.Fault("/owner/old/resolve", count: 9) {
                $0 = Answer(307, headers: [("Location", "/owner/model/resolve/main/config.json")])
            })
        let client = try scene.client(token: HubServer.token)
        _ = try client.snapshotDownload(repository("owner/old"), allowPatterns: ["config.json"])
        #expect(scene.server.log.allSatisfy { $0.request.headers["authorization"] != nil })
        // Another host gets none, whatever it is asked for.
        scene.server.add(
            HubServer.Fault("/resolve/", method: "GET", count: 1) {
                $0 = Answer(302, headers: [("Location", "\(elsewhere)/content/steal")])
            })
        scene.server.forgetLog()
        expectHubError(.forbidden, [elsewhere]) { try client.download("README.md", of: repository()) }
        #expect(scene.server.log.filter(\.isStorage).count == 1)
        #expect(scene.server.log.filter(\.isStorage).allSatisfy { $0.request.headers["authorization"] == nil })
    }

    @Test func redirectsEnd() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(
            HubServer.Fault("/api/", count: 1000) { $0 = Answer(302, headers: [("Location", "/api/models/owner/model/again")]) })
        expectHubError(.malformedAnswer, ["redirects"]) { try scene.client().snapshotDownload(repository()) }
        #expect(scene.server.log.count == 11)
        for target in ["file:///etc/passwd", "ftp://x/y", "http://"] {
            let scene = try Scene()
            scene.server.add(HubServer.Fault("/api/") { $0 = Answer(302, headers: [("Location", target)]) })
            expectHubError(.malformedAnswer, ["an address that is none"]) { try scene.client().snapshotDownload(repository()) }
        }
    }

    @Test func slowAnswersAreGivenUp() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault("/api/", count: 2) { $0.delay = 3 })
        let client = try scene.client { ($0.timeout, $0.attempts) = (0.5, 2) }
        expectHubError(.connection, ["in time"]) { try client.snapshotDownload(repository()) }
        #expect(try client.snapshotDownload(repository()).path.contains("snapshots"))
    }

    @Test func answersThatAreNoneAreRefused() throws {
        for (answer, word) in [
            (Answer(200, body: Array("<html>".utf8)), "HF_ENDPOINT"), (Answer(200, body: Array("{}".utf8)), "no commit"),
            (Answer(200, body: Array("{\"sha\": \"../../x\"}".utf8)), "no commit"),
        ] {
            let scene = try Scene()
            scene.server.add(HubServer.Fault("/api/", count: 9) { $0 = answer })
            expectHubError(.malformedAnswer, [word]) { try scene.client().snapshotDownload(repository()) }
        }
        for entry in [
            #"[{"type": "file", "path": "../../evil", "size": 1, "oid": "0123"}]"#,
            #"[{"type": "file", "path": "a", "size": 1, "oid": "../x"}]"#,
            #"[{"type": "file", "path": "a", "size": -1, "oid": "0123"}]"#, #"[{"path": "a"}]"#, #"{"a": 1}"#,
            #"[{"type": "file", "path": "a", "size": 1, "oid": "01"}, {"type": "file", "path": "a", "size": 1, "oid": "01"}]"#,
        ] {
            let scene = try Scene()
            scene.server.add("owner/model", files)
            scene.server.add(HubServer.Fault("/tree/", count: 9) { $0.body = Array(entry.utf8) })
            expectHubError(.malformedAnswer) { try scene.client().snapshotDownload(repository()) }
            #expect(!FileManager.default.fileExists(atPath: scene.folder.appendingPathComponent("evil").path))
        }
        let scene = try Scene()
        scene.server.add("owner/model", files)
        scene.server.add(HubServer.Fault("/resolve/", method: "HEAD", count: 9) { $0.headers.removeAll { $0.0 == "X-Repo-Commit" } })
        expectHubError(.malformedAnswer, ["no commit"]) { try scene.client().download("config.json", of: repository()) }
    }

    @Test func aListThatDoesNotEndIsRefused() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let more = "<\(scene.server.endpoint)/api/models/owner/model/tree/x>; rel=\"next\""
        scene.server.add(HubServer.Fault("/tree/", count: 1000) { $0 = Answer(200, headers: [("Link", more)], body: Array("[]".utf8)) })
        expectHubError(.malformedAnswer, ["does not end"]) { try scene.client().snapshotDownload(repository()) }
        let other = try Scene()
        other.server.add("owner/model", files)
        other.server.add(HubServer.Fault("/tree/") { $0.headers = [("Link", "<http://elsewhere.invalid/x>; rel=\"next\"")] })
        expectHubError(.malformedAnswer, ["another host"]) { try other.client().snapshotDownload(repository()) }
    }

    @Test func aCacheThatCannotBeWrittenIsSaid() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        try Data().write(to: scene.cache)
        expectHubError(.notWritten, [scene.cache.path]) { try scene.client().snapshotDownload(repository()) }
    }

    @Test func severalAtOnceFetchAFileOnce() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        let client = try scene.client()
        let repository = try repository()
        let failures = Locked(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            do { _ = try client.snapshotDownload(repository) } catch { failures.withLock { $0 += 1 } }
        }
        #expect(failures.withLock { $0 } == 0)
        #expect(scene.server.log.filter { $0.isStorage && $0.request.path.contains(Digest.sha256(files["model.safetensors"]!)) }.count == 1)
    }

    @Test func progressIsTold() throws {
        let scene = try Scene()
        scene.server.add("owner/model", files)
        var client = try scene.client()
        let last = Locked<[String: Int]>([:])
        client.onProgress = { file, done, _ in last.withLock { $0[file] = done } }
        _ = try client.snapshotDownload(repository())
        #expect(last.withLock { $0 }["model.safetensors"] == 50_000)
    }
}
