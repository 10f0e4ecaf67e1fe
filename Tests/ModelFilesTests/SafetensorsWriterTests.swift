import Foundation
import Testing
@testable import ModelFiles

/// What is written is read back bit for bit; what cannot be written leaves nothing behind.
struct SafetensorsWriterTests {
    struct Interruption: Error {}

    @Test func roundTripKeepsBitsShapesAndMetadata() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("model.safetensors")
        let special: [Float] = [.nan, -.infinity, -0.0, .leastNonzeroMagnitude, 1.5, 3]
        try SafetensorsWriter.write(
            [
                SafetensorsTensor(name: "bytes", shape: [3], values: [1, 2, 255] as [UInt8]),
                SafetensorsTensor(name: "w \"quoted\" / grüße", shape: [2, 3], values: special),
                SafetensorsTensor(name: "double", shape: [], values: [Double.pi]),
                SafetensorsTensor(name: "empty", shape: [0, 7], values: [] as [Int64]),
            ], metadata: ["format": "pt", "note": "a\nb"], to: url)
        let file = try SafetensorsFile(contentsOf: url)
        #expect(file.names == ["double", "empty", "w \"quoted\" / grüße", "bytes"])
        #expect(file.metadata == ["format": "pt", "note": "a\nb"])
        let read = try file.values(of: "w \"quoted\" / grüße", as: Float.self)
        #expect(read.map(\.bitPattern) == special.map(\.bitPattern))
        #expect(try file.values(of: "double", as: Double.self) == [.pi])
        #expect(try file.values(of: "bytes", as: UInt8.self) == [1, 2, 255])
        #expect(file["empty"]?.shape == [0, 7])
        #expect(file.entries.allSatisfy(file.isAligned))
        #expect(file.entries[0].byteRange.lowerBound.isMultiple(of: 64))
        #expect(try folder.content() == ["model.safetensors"])
    }

    @Test func rewritingAPythonFileKeepsEveryByteOfEveryTensor() throws {
        let folder = try TemporaryFolder()
        let original = try SafetensorsFile(contentsOf: fixture("every_type.safetensors"))
        let tensors = original.entries.map { entry in
            SafetensorsTensor(name: entry.name, dtype: entry.dtype, shape: entry.shape) { sink in
                try original.withUnsafeBytes(of: entry) { bytes in
                    // In two pieces, as a tensor stored in parts would come.
                    try sink(UnsafeRawBufferPointer(rebasing: bytes.prefix(1)))
                    try sink(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(1)))
                }
            }
        }
        try SafetensorsWriter.write(tensors, metadata: original.metadata, to: folder.file("copy"))
        let copy = try SafetensorsFile(contentsOf: folder.file("copy"))
        #expect(copy.metadata == original.metadata)
        #expect(Set(copy.names) == Set(original.names))
        for entry in original.entries {
            let other = try #require(copy[entry.name])
            #expect(other.dtype == entry.dtype && other.shape == entry.shape)
            #expect(
                copy.withUnsafeBytes(of: other) { [UInt8]($0) }
                    == original.withUnsafeBytes(of: entry) { [UInt8]($0) })
        }
    }

    @Test func aFileWithoutTensorsIsValid() throws {
        let folder = try TemporaryFolder()
        try SafetensorsWriter.write([], metadata: [:], to: folder.file("none"))
        #expect(try SafetensorsFile(contentsOf: folder.file("none")).names == [])
    }

    static var impossible: [([SafetensorsTensor], [String])] {
        [
            (
                [
                    .init(name: "a", shape: [1], values: [1] as [Float]),
                    .init(name: "a", shape: [1], values: [1] as [Float]),
                ],
                ["\"a\"", "two tensors"]
            ),
            ([.init(name: "__metadata__", shape: [1], values: [1] as [Float])], ["__metadata__", "reserves"]),
            ([.init(name: "a", shape: [-1], values: [] as [Float])], ["\"a\"", "[-1]", "negative"]),
            ([.init(name: "a", shape: [.max, 2], values: [] as [Float])], ["\"a\"", "too many"]),
            ([.init(name: "a", shape: [2, 2], values: [1, 2, 3] as [Float])], ["\"a\"", "[2, 2]", "16 bytes", "12"]),
            ([.init(name: "a", shape: [2], values: [1, 2, 3] as [Float])], ["\"a\"", "[2]", "8 bytes", "12"]),
        ]
    }

    @Test(arguments: 0..<impossible.count)
    func refusesWhatDoesNotFitAndKeepsTheOldFile(index: Int) throws {
        let (tensors, words) = Self.impossible[index]
        let folder = try TemporaryFolder()
        try folder.write([1, 2, 3], "model")
        expectError(.invalidArgument, words + ["model"]) {
            try SafetensorsWriter.write(tensors, to: folder.file("model"))
        }
        #expect(try folder.content() == ["model"])
        #expect(try [UInt8](Data(contentsOf: folder.file("model"))) == [1, 2, 3])
    }

    @Test func anInterruptionLeavesTheOldFile() throws {
        let folder = try TemporaryFolder()
        try folder.write([1, 2, 3], "model")
        let tensor = SafetensorsTensor(name: "a", dtype: .uint8, shape: [2]) { sink in
            try [UInt8](repeating: 0, count: 1).withUnsafeBytes { try sink($0) }
            throw Interruption()
        }
        #expect(throws: Interruption.self) { try SafetensorsWriter.write([tensor], to: folder.file("model")) }
        #expect(try folder.content() == ["model"])
        #expect(try [UInt8](Data(contentsOf: folder.file("model"))) == [1, 2, 3])
    }
}
