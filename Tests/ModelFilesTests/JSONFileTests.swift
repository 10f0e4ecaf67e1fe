import Foundation
import JSON
import Testing
@testable import ModelFiles

struct JSONFileTests {
    @Test func errorsNameTheFile() throws {
        let folder = try TemporaryFolder()
        expectError(.missing, ["absent.json"]) { _ = try JSONFile.read(folder.file("absent.json")) }
        expectError(.unreadable, ["not a regular file"]) { _ = try JSONFile.read(folder.url) }
        let list = try folder.write("[1]", "list.json")
        expectError(.malformed, ["list.json", "a list"]) { _ = try JSONFile.readObject(list) }
        let broken = try folder.write("{\n1}", "broken.json")
        expectError(.malformed, ["broken.json", "line 2"]) { _ = try JSONFile.read(broken) }
        let empty = try folder.write("", "empty.json")
        expectError(.malformed, ["empty.json", "ends where"]) { _ = try JSONFile.read(empty) }
    }

    @Test func damagedTextsAreRefusedOrReadFully() throws {
        let bytes = [UInt8](try Data(contentsOf: fixture("tiny-bert/modules.json")))
        var read = 0, refused = 0
        for seed in 0..<3000 {
            var generator = SeededGenerator(seed: seed)
            let damaged = generator.damage(bytes, headerEnd: bytes.count)
            guard let value = try? JSONValue.parse(damaged) else { refused += 1; continue }
            read += 1
            #expect(try JSONValue.parse([UInt8](value.serialized(.compact).utf8)) == value, "seed \(seed)")
        }
        #expect(read > 100 && refused > 100, "\(read) read, \(refused) refused")
    }
}
