import Foundation
import HubServer
import JSON
import Testing
@testable import Hub

/// Uploads to a hub that speaks the protocol.
struct UploadTests {
    private let files: [String: [UInt8]] = [
        "config.json": Array("{}".utf8), "1_Pooling/config.json": Array("{\"a\": 1}".utf8), "model.safetensors": noise(50_000),
        "empty.txt": [],
    ]

    private func repository() throws -> Repository { try Repository("owner/new") }

    @Test func aFolderBecomesOneCommit() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        let made = try client.createRepository(repository(), isPrivate: true)
        #expect(made.id == "owner/new" && scene.server.isPrivate("owner/new") == true)
        let commit = try client.uploadFolder(scene.local(files), to: made, message: "First")
        #expect(commit.isNew && commit.url.hasSuffix("/owner/new/commit/\(commit.oid)") && commit.pullRequestURL == nil)
        var there = try #require(scene.server.files("owner/new"))
        there[".gitattributes"] = nil
        #expect(there == files)
        #expect(scene.server.messages("owner/new") == ["First"])
        // The storage has seen no token, the hub always one.
        #expect(scene.server.log.allSatisfy { ($0.request.headers["authorization"] != nil) == !$0.isStorage })
        #expect(scene.server.log.contains { $0.request.path.contains("/lfs/verify/") && $0.status == 200 })
    }

    @Test func unchangedFilesAreNotSentAndNothingIsNoCommit() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        let folder = try scene.local(files)
        let first = try client.uploadFolder(folder, to: repository(), message: "First")
        let again = try client.uploadFolder(folder, to: repository(), message: "Again")
        #expect(!again.isNew && again.oid == first.oid && again.url.contains(first.oid))
        #expect(scene.server.messages("owner/new") == ["First"])
        try Data("{\"b\": 2}".utf8).write(to: folder.appendingPathComponent("config.json"))
        scene.server.forgetLog()
        #expect(try client.uploadFolder(folder, to: repository(), message: "Second").isNew)
        #expect(!scene.server.log.contains { $0.isStorage || $0.request.path.contains("/batch") })
        let body = scene.server.log.first { $0.request.path.contains("/commit/") }?.request.body ?? []
        #expect(body.split(separator: UInt8(ascii: "\n")).count == 2)
    }

    @Test func largeFilesGoInParts() throws {
        let scene = try Scene(multipartSize: 100_000)
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        let large = noise(200_001)
        scene.server.add(HubServer.Fault("/part/", method: "PUT", count: 2) { $0 = Answer(500) })
        try client.uploadFolder(scene.local(["model.safetensors": large]), to: repository(), message: "Large")
        #expect(scene.server.files("owner/new")?["model.safetensors"] == large)
        #expect(scene.server.log.filter { $0.request.path.hasPrefix("/part/") && $0.status == 200 }.count == 4)
    }

    @Test func anInterruptedUploadGoesOnWithWhatIsMissing() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        let folder = try scene.local(["a.safetensors": noise(9000, seed: 3), "b.safetensors": noise(9000, seed: 4)])
        scene.server.add(HubServer.Fault("/commit/", method: "POST") { $0 = Answer(500) })
        expectHubError(.server, ["500"]) { try client.uploadFolder(folder, to: repository(), message: "Once") }
        // A commit is not sent again by itself: it might have been made.
        #expect(scene.server.log.filter { $0.request.path.contains("/commit/") }.count == 1)
        scene.server.forgetLog()
        try client.uploadFolder(folder, to: repository(), message: "Once")
        #expect(!scene.server.log.contains { $0.isStorage })
        #expect(scene.server.messages("owner/new") == ["Once"])
    }

    @Test func brokenUploadsAreSentAgain() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        scene.server.add(HubServer.Fault("/upload/", method: "PUT", count: 2) { ($0.body, $0.cut) = (noise(100), 3) })
        scene.server.add(HubServer.Fault("/upload/", method: "PUT", count: 1) { $0 = Answer(503) })
        scene.server.add(HubServer.Fault("/preupload/", count: 1) { $0 = Answer(429) })
        try client.uploadFolder(scene.local(files), to: repository(), message: "Stubborn")
        #expect(scene.server.files("owner/new")?["model.safetensors"] == files["model.safetensors"]!)
    }

    @Test func whatExistsIsRefusedOrTaken() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        expectHubError(.conflict, ["owner/new", "exists already"]) { try client.createRepository(repository()) }
        #expect(try client.createRepository(repository(), allowingExisting: true).id == "owner/new")
        #expect(try client.createRepository(Repository("alone")).id == "someone/alone")
        #expect(try client.createRepository(Repository("alone"), allowingExisting: true).id == "someone/alone")
        #expect(try client.createRepository(Repository("a/data", kind: .dataset)) == Repository("a/data", kind: .dataset))
        try client.createBranch("dev", of: repository())
        try client.createBranch("dev", of: repository())
        try client.uploadFolder(scene.local(files), to: repository(), revision: "dev", message: "Branch")
        #expect(scene.server.files("owner/new", branch: "dev")?.count == 5 && scene.server.files("owner/new")?.count == 1)
    }

    @Test func pullRequestsAreOpened() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        let commit = try client.uploadFolder(scene.local(files), to: repository(), message: "Please", createsPullRequest: true)
        #expect(commit.pullRequestURL == "\(scene.server.endpoint)/owner/new/discussions/1")
        #expect(scene.server.files("owner/new")?.count == 1 && scene.server.files("owner/new", branch: "refs/pr/1")?.count == 5)
    }

    @Test func ignoredFilesStayAndFoldersCanBeChosen() throws {
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        let folder = try scene.local([
            "a.txt": [1], ".git/config": [2], "checkpoint-5/a.txt": [3], "_x": [4], "deep/.cache/y": [5], "deep/b.txt": [6],
        ])
        try client.uploadFolder(
            folder, to: repository(), pathInRepository: "last-checkpoint", message: "Some", ignorePatterns: ["_*", "checkpoint-*"])
        #expect(
            scene.server.files("owner/new")?.keys.sorted() == [".gitattributes", "last-checkpoint/a.txt", "last-checkpoint/deep/b.txt"])
    }

    @Test func refusalsSayWhatToDo() throws {
        let scene = try Scene()
        let folder = try scene.local(files)
        expectHubError(.unauthorized, ["HF_TOKEN"]) { try scene.client().createRepository(repository()) }
        expectHubError(.unauthorized, ["wrong"]) { try scene.client(token: "hf_x").createRepository(repository()) }
        let client = try scene.client(token: HubServer.token)
        expectHubError(.forbidden, ["write", "rights"]) { try client.createRepository(Repository("foreign/name")) }
        expectHubError(.repositoryNotFound, ["owner/new"]) { try client.uploadFolder(folder, to: repository(), message: "x") }
        try client.createRepository(repository())
        expectHubError(.revisionNotFound) { try client.uploadFolder(folder, to: repository(), revision: "nowhere", message: "x") }
        expectHubError(.invalidArgument, ["no such folder"]) {
            try client.uploadFolder(folder.appendingPathComponent("nowhere"), to: repository(), message: "x")
        }
        let empty = scene.folder.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        expectHubError(.invalidArgument, ["no file"]) { try client.uploadFolder(empty, to: repository(), message: "x") }
        expectHubError(.notCached, ["HF_HUB_OFFLINE"]) {
            try scene.client(token: HubServer.token) { $0.isOffline = true }.uploadFolder(folder, to: repository(), message: "x")
        }
    }

    @Test func answersThatAreNoneAreRefused() throws {
        for (path, body) in [
            ("/preupload/", "{}"), ("/preupload/", "{\"files\": []}"),
            ("/preupload/", "{\"files\": [{\"path\": \"config.json\", \"uploadMode\": \"x\"}]}"),
            ("/batch", "{}"), ("/batch", "{\"objects\": []}"), ("/commit/", "{}"), ("/commit/", "none"),
        ] {
            let scene = try Scene()
            let client = try scene.client(token: HubServer.token)
            try client.createRepository(repository())
            scene.server.add(HubServer.Fault(path, method: "POST", count: 9) { $0 = Answer(200, body: Array(body.utf8)) })
            expectHubError(.malformedAnswer) { try client.uploadFolder(scene.local(files), to: repository(), message: "x") }
        }
        let scene = try Scene()
        let client = try scene.client(token: HubServer.token)
        try client.createRepository(repository())
        scene.server.add(
            HubServer.Fault("/batch", count: 9) { answer in
                let oid = Digest.sha256(noise(50_000))
                answer.body = Array("{\"objects\": [{\"oid\": \"\(oid)\", \"error\": {\"code\": 413, \"message\": \"too large\"}}]}".utf8)
            })
        expectHubError(.badRequest, ["model.safetensors", "too large"]) {
            try client.uploadFolder(scene.local(files), to: repository(), message: "x")
        }
    }
}
