import Foundation
import Testing
@testable import ModelFiles

/// Files and folders appear complete or not at all.
struct AtomicFileTests {
    struct Interruption: Error {}

    @Test func replacesAFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("old", "a.txt")
        try AtomicFile.write("new", to: folder.file("a.txt"))
        #expect(try String(contentsOf: folder.file("a.txt"), encoding: .utf8) == "new")
        #expect(try folder.content() == ["a.txt"])
    }

    @Test func refusesAFolderThatIsMissingOrAFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("", "plain")
        expectError(.notWritten, ["no/a.txt", "No such file"]) {
            try AtomicFile.write("x", to: folder.file("no/a.txt"))
        }
        expectError(.notWritten, ["plain/a.txt", "Not a directory"]) {
            try AtomicFile.write("x", to: folder.file("plain/a.txt"))
        }
        // A folder cannot be replaced by a file: the rename fails after everything was written.
        try folder.write("", "folder/inside")
        expectError(.notWritten, ["folder", "renaming"]) {
            try AtomicFile.write("x", to: folder.file("folder"))
        }
        #expect(try folder.content() == ["folder", "plain"])
    }

    @Test func aFailedSystemCallIsToldWithItsReason() throws {
        let folder = try TemporaryFolder()
        let url = try folder.write("", "read-only")
        let descriptor = try #require(SystemCalls.openForReading(url.path))
        defer { _ = SystemCalls.closeDescriptor(descriptor) }
        expectError(.notWritten, ["read-only", "writing 3 bytes failed", "Bad file descriptor"]) {
            try AtomicFileSink(descriptor: descriptor, file: url.path).append([1, 2, 3])
        }
    }

    @Test func createsAFolderWithItsParents() throws {
        let folder = try TemporaryFolder()
        let target = folder.file("a/b/model")
        try AtomicDirectory.replaceDirectory(at: target, allowingExisting: false) { temporary in
            #expect(!FileManager.default.fileExists(atPath: target.path))
            try AtomicFile.write("x", to: temporary.appendingPathComponent("x.txt"))
        }
        #expect(try String(contentsOf: target.appendingPathComponent("x.txt"), encoding: .utf8) == "x")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("a/b").path) == ["model"])
    }

    @Test func aFailureLeavesNothingNew() throws {
        let folder = try TemporaryFolder()
        #expect(throws: Interruption.self) {
            try AtomicDirectory.replaceDirectory(at: folder.file("a/b/model"), allowingExisting: false) { temporary in
                try AtomicFile.write("x", to: temporary.appendingPathComponent("x.txt"))
                throw Interruption()
            }
        }
        #expect(try folder.content() == [])
    }

    @Test func anExistingFolderIsKeptUnlessAllowed() throws {
        let folder = try TemporaryFolder()
        try folder.write("old", "model/old.txt")
        expectError(.alreadyExists, ["model", "1 item", "choose another"]) {
            try AtomicDirectory.replaceDirectory(at: folder.file("model"), allowingExisting: false) { _ in
                Issue.record("the body ran although the folder may not be replaced")
            }
        }
        #expect(throws: Interruption.self) {
            try AtomicDirectory.replaceDirectory(at: folder.file("model"), allowingExisting: true) { _ in
                throw Interruption()
            }
        }
        #expect(try folder.content() == ["model"])
        #expect(FileManager.default.fileExists(atPath: folder.file("model/old.txt").path))
        try AtomicDirectory.replaceDirectory(at: folder.file("model"), allowingExisting: true) { temporary in
            try AtomicFile.write("new", to: temporary.appendingPathComponent("new.txt"))
        }
        #expect(try folder.content() == ["model"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("model").path) == ["new.txt"])
    }

    @Test func anEmptyFolderMayAlwaysBeReplaced() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.file("model"), withIntermediateDirectories: false)
        try AtomicDirectory.replaceDirectory(at: folder.file("model"), allowingExisting: false) { temporary in
            try AtomicFile.write("new", to: temporary.appendingPathComponent("new.txt"))
        }
        #expect(FileManager.default.fileExists(atPath: folder.file("model/new.txt").path))
    }

    @Test func refusesAFileAWrongParentAndFoldersThatOneStandsIn() throws {
        let folder = try TemporaryFolder()
        try folder.write("", "plain")
        let unreached: (URL) throws -> Void = { _ in Issue.record("the body ran") }
        expectError(.alreadyExists, ["plain", "a file of this name"]) {
            try AtomicDirectory.replaceDirectory(at: folder.file("plain"), allowingExisting: true, unreached)
        }
        expectError(.notWritten, ["plain/model", "no folder can be created"]) {
            try AtomicDirectory.replaceDirectory(at: folder.file("plain/model"), allowingExisting: true, unreached)
        }
        for path in ["/", FileManager.default.currentDirectoryPath, NSHomeDirectory()] {
            expectError(.alreadyExists, ["would delete"]) {
                try AtomicDirectory.replaceDirectory(
                    at: URL(fileURLWithPath: path), allowingExisting: true, unreached)
            }
        }
        #expect(try folder.content() == ["plain"])
    }

    @Test func aLinkedFolderIsReplacedBehindItsLink() throws {
        let folder = try TemporaryFolder()
        try folder.write("old", "real/old.txt")
        try FileManager.default.createSymbolicLink(
            at: folder.file("link"), withDestinationURL: folder.file("real"))
        try AtomicDirectory.replaceDirectory(at: folder.file("link"), allowingExisting: true) { temporary in
            try AtomicFile.write("new", to: temporary.appendingPathComponent("new.txt"))
        }
        #expect(try folder.content() == ["link", "real"])
        #expect(FileManager.default.fileExists(atPath: folder.file("real/new.txt").path))
        #expect(FileManager.default.fileExists(atPath: folder.file("link/new.txt").path))
    }
}
