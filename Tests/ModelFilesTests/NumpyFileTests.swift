import Foundation
import Testing
@testable import ModelFiles

/// Arrays are read as NumPy wrote them, and written in the very bytes that NumPy writes.
struct NumpyFileTests {
    @Test func readsWhatNumpyWrote() throws {
        let float = try NumpyFile(contentsOf: fixture("array_f4.npy"))
        #expect(float.shape == [2, 3])
        #expect(try float.values(as: Float.self) == [0, 1, 2, 3, 4, 5])
        #expect(try NumpyFile(contentsOf: fixture("array_f8.npy")).values(as: Double.self) == [0, 1, 2, 3, 4, 5])
        #expect(try NumpyFile(contentsOf: fixture("array_i4.npy")).values(as: Int32.self) == [0, 1, 2, 3, 4, 5])
        #expect(try NumpyFile(contentsOf: fixture("array_i8.npy")).values(as: Int64.self) == [0, 1, 2, 3, 4, 5])
        let scalar = try NumpyFile(contentsOf: fixture("scalar.npy"))
        #expect(scalar.shape == [])
        #expect(try scalar.values(as: Int64.self) == [7])
        let empty = try NumpyFile(contentsOf: fixture("empty.npy"))
        #expect(empty.shape == [0, 3])
        #expect(try empty.values(as: Float.self) == [])
    }

    @Test func writesTheBytesThatNumpyWrites() throws {
        let folder = try TemporaryFolder()
        func check(_ name: String, _ write: (URL) throws -> Void) throws {
            try write(folder.file(name))
            #expect(try Data(contentsOf: folder.file(name)) == Data(contentsOf: fixture(name)), "\(name)")
        }
        try check("array_f4.npy") { try NumpyFile.write([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3], to: $0) }
        try check("array_f8.npy") { try NumpyFile.write([0, 1, 2, 3, 4, 5] as [Double], shape: [2, 3], to: $0) }
        try check("array_i4.npy") { try NumpyFile.write([0, 1, 2, 3, 4, 5] as [Int32], shape: [2, 3], to: $0) }
        try check("array_i8.npy") { try NumpyFile.write([0, 1, 2, 3, 4, 5] as [Int64], shape: [2, 3], to: $0) }
        try check("vector.npy") { try NumpyFile.write([1.5, -2] as [Float], shape: [2], to: $0) }
        try check("scalar.npy") { try NumpyFile.write([7] as [Int64], shape: [], to: $0) }
        try check("empty.npy") { try NumpyFile.write([] as [Float], shape: [0, 3], to: $0) }
    }

    @Test func refusesAShapeThatDoesNotFitAndKeepsTheOldFile() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], "a.npy")
        let cases: [([Int], [String])] = [
            ([2, 2], ["[2, 2]", "16 bytes", "12"]), ([2], ["8 bytes", "12"]), ([-3], ["negative"]),
            ([.max, 2], ["too many"]), (Array(repeating: 1, count: 65), ["64 axes"]),
        ]
        for (shape, words) in cases {
            expectError(.invalidArgument, words + ["a.npy"]) {
                try NumpyFile.write([1, 2, 3] as [Float], shape: shape, to: folder.file("a.npy"))
            }
        }
        #expect(try folder.content() == ["a.npy"])
        #expect(try Data(contentsOf: folder.file("a.npy")) == Data([1]))
    }

    /// A file with this dictionary, 8 bytes of data and any version.
    func bytes(_ text: String, version: UInt8 = 1, dataCount: Int = 8) -> [UInt8] {
        let size = [UInt8(text.utf8.count)] + [UInt8](repeating: 0, count: version == 1 ? 1 : 3)
        return NumpyHeader.magic + [version, 0] + size + [UInt8](text.utf8) + [UInt8](repeating: 0, count: dataCount)
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func readsEveryVersionAndSpelling(version: UInt8) throws {
        let folder = try TemporaryFolder()
        let text = "{\"shape\":(2,),\"fortran_order\" : False,'descr':'<i4'}\n"
        let file = try NumpyFile(contentsOf: folder.write(bytes(text, version: version)))
        #expect(file.shape == [2])
        #expect(try file.values(as: Int32.self) == [0, 0])
    }

    static let broken: [(String, ModelFileError.Kind, [String])] = [
        ("", .malformed, ["\"{\" was expected"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", .malformed, ["\"}\" was expected"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", .malformed, ["after the dictionary"]),
        ("{'descr': '<f4', 'fortran_order': False}", .malformed, ["'shape' is missing"]),
        ("{'descr': '<f4', 'descr': '<f4', 'shape': (2,)}", .malformed, ["'descr' appears twice"]),
        ("{'descr': '<f4', 'color': 'red'}", .malformed, ["\"color\" is unknown"]),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", .malformed, ["structured"]),
        ("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", .unsupported, [">f4", "'<f4'"]),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", .unsupported, ["|O"]),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", .malformed, ["True or False"]),
        ("{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", .unsupported, ["column by column"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", .malformed, ["a size was expected"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1e9)}", .malformed, ["\")\" was expected"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", .malformed, ["a size was"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", .malformed, ["more axes"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", .malformed, ["12 bytes", "8 follow"]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", .malformed, ["4 bytes", "8 follow"]),
        ("{'descr': '<f4", .malformed, ["never ends"]),
    ]

    @Test(arguments: broken)
    func refusesABrokenHeader(text: String, kind: ModelFileError.Kind, words: [String]) throws {
        let folder = try TemporaryFolder()
        let url = try folder.write(bytes(text), "broken.npy")
        expectError(kind, words + ["broken.npy"]) { _ = try NumpyFile(contentsOf: url) }
    }

    @Test func refusesForeignFilesAndTypes() throws {
        let folder = try TemporaryFolder()
        for bytes in [[], Array("PK\u{3}\u{4} not numpy".utf8), NumpyHeader.magic, NumpyHeader.magic + [1, 0, 9]] {
            let url = try folder.write(bytes)
            expectError(.malformed, ["\\x93NUMPY"]) { _ = try NumpyFile(contentsOf: url) }
        }
        let cut = try folder.write(NumpyHeader.magic + [2, 0, 9, 0])
        expectError(.malformed, ["header size"]) { _ = try NumpyFile(contentsOf: cut) }
        let long = try folder.write(NumpyHeader.magic + [1, 0, 9, 0, 0x7B])
        expectError(.malformed, ["claims 9", "1 follow"]) { _ = try NumpyFile(contentsOf: long) }
        let future = try folder.write(NumpyHeader.magic + [4, 0, 0, 0, 0, 0])
        expectError(.unsupported, ["has 4"]) { _ = try NumpyFile(contentsOf: future) }
        expectError(.unsupported, ["fortran.npy", "C order"]) {
            _ = try NumpyFile(contentsOf: fixture("fortran.npy"))
        }
        let float = try NumpyFile(contentsOf: fixture("array_f4.npy"))
        expectError(.unsupported, ["'<f4'", "'<f8'"]) { _ = try float.values(as: Double.self) }
    }

    @Test func damagedFilesAreRefusedOrStayInBounds() throws {
        let folder = try TemporaryFolder()
        let bytes = [UInt8](try Data(contentsOf: fixture("array_f4.npy")))
        var opened = 0, refused = 0
        for seed in 0..<3000 {
            var generator = SeededGenerator(seed: seed)
            let url = try folder.write(generator.damage(bytes, headerEnd: 80))
            do {
                let file = try NumpyFile(contentsOf: url)
                opened += 1
                #expect(file.shape.reduce(1, *) == file.count, "seed \(seed)")
                #expect(file.withUnsafeBytes { $0.reduce(0) { $0 + Int($1) } } >= 0)
            } catch is ModelFileError {
                refused += 1
            }
        }
        #expect(opened > 50 && refused > 1000, "\(opened) opened, \(refused) refused")
    }
}
