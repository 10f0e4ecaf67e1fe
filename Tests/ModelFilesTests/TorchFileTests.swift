import Autodiff
import Foundation
import JSON
import Testing
@testable import ModelFiles

/// Files of torch.save give the numbers that PyTorch reads from them, or one sentence that says what is wrong.
struct TorchFileTests {
    private static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: weights("\(name).bin"))) }

    private static func weights(_ name: String) -> URL { fixture("../weights/\(name)").standardizedFileURL }

    /// Every byte of a tensor, as safetensors would write it.
    private func content(of entry: TensorEntry, in file: TorchFile) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try file.rawTensor(entry.name).withBytes { bytes += $0 }
        return bytes
    }

    @Test(arguments: ["tensors", "older", "deflated", "zip64"]) func everyFormHoldsTheSameNumbers(_ name: String) throws {
        let file = try TorchFile(contentsOf: Self.weights("\(name).bin"))
        let expected = try SafetensorsFile(contentsOf: Self.weights("tensors.safetensors"))
        #expect(file.tensors.count == expected.entries.count && file.tensors.count > 20)
        #expect(Set(file.tensors.map(\.dtype)) == Set(SafetensorsType.allCases))
        for entry in file.tensors {
            let other = try #require(expected[entry.name])
            #expect(entry.shape == other.shape && entry.dtype == other.dtype, "\(entry.name)")
            let bytes = expected.withUnsafeBytes(of: other) { [UInt8]($0) }
            #expect(try content(of: entry, in: file) == bytes, "\(entry.name)")
            // Integers become int32, where they fit.
            do {
                let tensor = try expected.tensor(entry.name)
                #expect(try file.tensor(entry.name) == tensor, "\(entry.name)")
                #expect([.float32, .float64, .int32, .bool].contains(tensor.dtype))
            } catch let error as ModelFileError {
                #expect(entry.dtype == .int64 && error.description.contains("integers of 32 bits"), "\(error)")
                expectError(.unsupported, [entry.name, "integers of 32 bits"]) { _ = try file.tensor(entry.name) }
            }
        }
        expectError(.missing, ["\(name).bin", "absent"]) { _ = try file.tensor("absent") }
    }

    @Test func partsOfStoragesAreRead() throws {
        let file = try TorchFile(contentsOf: Self.weights("parts.bin"))
        let expected = try SafetensorsFile(contentsOf: Self.weights("parts.safetensors"))
        #expect(file.tensors.map(\.name) == ["left", "right"])
        for name in ["left", "right"] { #expect(try file.tensor(name) == expected.tensor(name)) }
    }

    @Test func whatRefersToItselfIsRead() throws {
        let file = try TorchFile(contentsOf: Self.weights("recursive.bin"))
        #expect(file.tensors.map(\.name) == ["weight"])
        #expect(try file.tensor("weight").values == [0, 1, 2, 3])
    }

    @Test func updatesReachNoOtherTensorOfAStorage() throws {
        let file = try TorchFile(contentsOf: Self.weights("tensors.bin"))
        for name in ["shared.whole", "parameter"] {
            var tensor = try file.tensor(name, isExclusive: true)
            let row = try file.tensor("shared.row")
            let before = row.values
            tensor *= Tensor(0)
            #expect(tensor.values.allSatisfy { $0 == 0 } && row.values == before)
        }
        let again = try TorchFile(contentsOf: Self.weights("tensors.bin"))
        #expect(try again.tensor("shared.whole").values.contains { $0 != 0 })
    }

    @Test(arguments: [
        ("global", ModelFileError.Kind.unsupported, ["data.pkl, byte", ".system\"", "nothing was executed", "save_pretrained"]),
        ("global-older", .unsupported, ["pickle, byte", ".system\""]),
        ("sparse", .unsupported, ["\"torch._utils._rebuild_sparse_tensor\""]),
        ("complex", .unsupported, ["\"torch.ComplexFloatStorage\""]),
        ("checkpoint", .unsupported, ["no tensors", "\"epoch\", the integer 3", "\"model\", a dictionary", "state_dict()"]),
        ("tensor", .malformed, ["a dictionary of tensors was expected, but it is a tensor"]),
        ("order", .unsupported, ["most significant byte"]),
        ("order-older", .unsupported, ["most significant byte"]),
        ("short", .malformed, ["storage \"0\"", "12 bytes", "4 elements of F32"]),
        ("absent", .malformed, ["storage \"0\"", "data/0"]),
        ("bomb", .unsupported, ["zip archive", "4000", "more than 10 times"]),
        ("script", .unsupported, ["TorchScript"]),
    ]) func isRefused(_ name: String, kind: ModelFileError.Kind, words: [String]) throws {
        expectError(kind, words + ["refused-\(name).bin"]) { _ = try TorchFile(contentsOf: Self.weights("refused-\(name).bin")) }
    }

    @Test func whatIsNoFileOfTorchIsNamed() throws {
        let folder = try TemporaryFolder()
        for (text, word) in [
            ("", "no file of torch.save"), ("x", "no file of torch.save"),
            ("version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
            (String(repeating: "x", count: 257) + "ustar\u{0}", "tar file"),
        ] {
            let url = try folder.write(text, "a.bin")
            do { _ = try TorchFile(contentsOf: url) } catch let error as ModelFileError { #expect(error.problem.contains(word)) }
            #expect(throws: ModelFileError.self) { _ = try TorchFile(contentsOf: url) }
        }
    }

    // MARK: Pickles by hand

    private func load(_ pickle: [UInt8], fileSize: Int = 1 << 20) throws -> (Unpickler, Unpickler.Value) {
        try pickle.withUnsafeBytes { bytes in
            var unpickler = Unpickler(bytes, file: "file", what: "pickle", fileSize: fileSize, owner: self.owner)
            let value = try unpickler.load()
            return (unpickler, value)
        }
    }

    private final class Owner {}
    private let owner = Owner()

    @Test func endlessPicklesEnd() throws {
        func refused(_ pickle: [UInt8], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
            expectError(.malformed, words, sourceLocation: sourceLocation) { _ = try load(pickle) }
        }
        let many = 2_000_000
        refused([UInt8](repeating: UInt8(ascii: "("), count: many), "nested")
        refused([UInt8](repeating: UInt8(ascii: "N"), count: many), "nested or in a row")
        refused([UInt8](repeating: UInt8(ascii: "]"), count: many), "nested or in a row")
        refused((0..<many).flatMap { _ in [UInt8(ascii: "}"), UInt8(ascii: "0")] }, "more values")
        // A list that doubles itself by every step: (list, list, list …)
        refused([UInt8(ascii: "]"), 0x94] + (0..<many).flatMap { _ in [UInt8(ascii: "h"), 0, UInt8(ascii: "a")] }, "more values")
        refused([UInt8(ascii: "N"), UInt8(ascii: "r"), 255, 255, 255, 255], "more values")
        refused([UInt8(ascii: "h"), 7], "value 7")
        refused([UInt8(ascii: "N"), UInt8(ascii: "N"), UInt8(ascii: ".")], "left over")
        refused([UInt8(ascii: ".")], "missing on the stack")
        refused([UInt8(ascii: "t")], "mark")
        refused([0x8D, 255, 255, 255, 255, 255, 255, 255, 127], "ends in the middle")
        refused([0x8D, 255, 255, 255, 255, 255, 255, 255, 255], "impossible")
        refused(Array("(NNNu".utf8), "no dictionary")
        refused(Array("}(Nu".utf8), "has no value")
        expectError(.unsupported, ["0x81"]) { _ = try load([UInt8(ascii: "N"), UInt8(ascii: "N"), 0x81]) }
        expectError(.unsupported, ["protocol 9"]) { _ = try load([0x80, 9]) }
    }

    @Test func plainValuesOfAllProtocols() throws {
        let pickle =
            Array("(I-7\nL12L\nI01\nF1.5\nVtext\nJ".utf8) + [255, 255, 255, 255, 0x8A, 2, 0, 0x80, 0x8A, 9]
            + [UInt8](repeating: 1, count: 9)
            + [0x8C, 2, 65, 66, UInt8(ascii: "l"), UInt8(ascii: ".")]
        let (unpickler, value) = try load(pickle)
        let names = try unpickler.elements(value, .list, expected: "a list").map { unpickler.name(of: $0) }
        #expect(
            names == [
                "the integer -7", "the integer 12", "a truth value", "a number", "a text", "the integer -1", "the integer -32768",
                "a number", "a text",
            ])
    }

    // MARK: Damage

    /// What is read of a damaged file are all its tensors, or nothing.
    private func read(_ bytes: [UInt8], _ folder: TemporaryFolder, _ note: @autoclosure () -> String) throws {
        let url = try folder.write(bytes, "damaged.bin")
        do {
            let file = try TorchFile(contentsOf: url)
            for entry in file.tensors { _ = try content(of: entry, in: file) }
        } catch let error as ModelFileError {
            #expect(!error.problem.isEmpty)
        } catch {
            Issue.record("\(note()): \(type(of: error)): \(error)")
        }
    }

    @Test(arguments: ["small", "older", "deflated"]) func aCutAnywhereIsAnError(_ name: String) throws {
        let folder = try TemporaryFolder(), bytes = try Self.bytes(name)
        for count in 0..<bytes.count {
            let url = try folder.write(Array(bytes[..<count]), "cut.bin")
            do {
                _ = try TorchFile(contentsOf: url)
                Issue.record("\(count) bytes were enough")
            } catch is ModelFileError {}
        }
    }

    /// The archive's check sums see every bit.
    @Test(arguments: ["small", "deflated"]) func noBitOfAnArchiveChangesANumberUnseen(_ name: String) throws {
        let folder = try TemporaryFolder(), bytes = try Self.bytes(name)
        let whole = try TorchFile(contentsOf: Self.weights("\(name).bin"))
        let contents = try whole.tensors.map { try content(of: $0, in: whole) }
        var refused = 0
        for index in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 3000)) {
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            let url = try folder.write(damaged, "damaged.bin")
            do {
                let file = try TorchFile(contentsOf: url)
                let found = try file.tensors.map { try content(of: $0, in: file) }
                if found != contents || file.tensors.map(\.name) != whole.tensors.map(\.name) { Issue.record("byte \(index)") }
            } catch let error as ModelFileError {
                refused += 1
                if error.problem.contains("check sum") { #expect(error.kind == .malformed) }
            }
        }
        #expect(refused > 400)
    }

    @Test(arguments: ["tensors", "older", "deflated", "zip64", "parts"]) func damageIsAnErrorOrAnAnswer(_ name: String) throws {
        let folder = try TemporaryFolder(), bytes = try Self.bytes(name)
        for seed in 0..<2000 {
            var generator = SeededGenerator(seed: seed)
            try read(generator.damage(bytes, headerEnd: bytes.count), folder, "\(name), seed \(seed)")
        }
    }
}
