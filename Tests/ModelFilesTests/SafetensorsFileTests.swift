import Autodiff
import Foundation
import Testing
@testable import ModelFiles

/// What the reader accepts, it reads as the Python library wrote it; what is broken it refuses, with figures.
struct SafetensorsFileTests {
    @Test func readsEveryTypeWrittenByPython() throws {
        let file = try SafetensorsFile(contentsOf: fixture("every_type.safetensors"))
        #expect(file.metadata == ["format": "pt", "note": "grüße / \"q\""])
        #expect(file.names.count == 12)
        let halves = [-1, -0.5, 0, 0.5, 1, 1.5]
        #expect(try file.values(of: "float.F64", as: Double.self) == halves)
        #expect(try file.values(of: "float.F32", as: Float.self) == halves.map { Float($0) })
        #expect(try file.values(of: "integer.I64", as: Int64.self) == [0, 1, 2, 3, 4, 5])
        #expect(try file.values(of: "integer.I32", as: Int32.self) == [0, 1, 2, 3, 4, 5])
        #expect(try file.values(of: "integer.I16", as: Int16.self) == [0, 1, 2, 3, 4, 5])
        #expect(try file.values(of: "integer.I8", as: Int8.self) == [0, 1, 2, 3, 4, 5])
        #expect(try file.values(of: "integer.U8", as: UInt8.self) == [0, 1, 2, 3, 4, 5])
        #expect(try file.values(of: "scalar", as: Float.self) == [2.5])
        #expect(try file.values(of: "empty", as: Float.self) == [])
        #expect(file["float.F32"]?.shape == [2, 3])
        #expect(file["integer.I64"]?.shape == [3, 2])
        #expect(file["scalar"]?.shape == [])
        #expect(file["empty"]?.shape == [0, 4])
        #expect(file["absent"] == nil)
        // The 16-bit floats by their bits: bfloat16 is the upper half of a float, and −1 in float16 is 0xBC00.
        let brain = try #require(file["float.BF16"])
        let upper = file.withUnsafeBytes(of: brain) { bytes in
            (0..<6).map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) }
        }
        #expect(upper == halves.map { UInt16(Float($0).bitPattern >> 16) })
        let half = try #require(file["float.F16"])
        #expect(file.withUnsafeBytes(of: half) { $0.loadUnaligned(as: UInt16.self) } == 0xBC00)
        let flags = try #require(file["flags"])
        #expect(flags.dtype == .bool)
        #expect(file.withUnsafeBytes(of: flags) { [UInt8]($0) } == [1, 0, 1])
    }

    @Test func halfPrecisionIsTheNearestNumber() {
        // Every finite half, and infinity, is itself; what lies between two goes to the nearer one, or to the even one.
        let halves = (0...UInt16(0x7C00)).flatMap { [$0, $0 | 0x8000] }
        #expect(Tensor(float16Bits: halves, shape: [halves.count]).float16Bits == halves)
        let unit = 0x1p-24
        let numbers = [0x1p-25, 1.01 * 0x1p-25, 1.5 * unit, 1 + 0x1p-11, 1 + 3 * 0x1p-11, 65_504, 65_519, 65_520, -1e30, .nan]
        #expect(Tensor(numbers).float16Bits == [0, 1, 2, 0x3C00, 0x3C02, 0x7BFF, 0x7BFF, 0x7C00, 0xFC00, 0x7E00])
    }

    @Test func weightsAreWrittenInHalfPrecision() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("w.safetensors")
        let weights = Tensor.normal([5, 7], key: RandomKey(1))
        try SafetensorsWriter.write([SafetensorsTensor(name: "w", float16: weights)], to: url)
        let file = try SafetensorsFile(contentsOf: url)
        #expect(file["w"]?.dtype == .float16 && file["w"]?.byteRange.count == 70)
        #expect(try file.tensor("w").maximumDifference(to: weights) < 2e-3)
    }

    @Test func namesComeInTheOrderOfTheData() throws {
        let folder = try TemporaryFolder()
        let header =
            #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"#
            + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
        let file = try SafetensorsFile(contentsOf: folder.write(safetensorsBytes(header, dataCount: 3)))
        #expect(file.names == ["a", "b"])
        #expect(try file.values(of: "b", as: UInt8.self) == [1, 2])
    }

    @Test func memoryCanBeChangedAndTheFileStays() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("w.safetensors")
        let tensor = SafetensorsTensor(name: "w", shape: [3], values: [1, 2, 3] as [Float])
        try SafetensorsWriter.write([tensor], to: url)
        let file = try SafetensorsFile(contentsOf: url)
        let entry = try #require(file["w"])
        file.mutablePointer(to: entry).storeBytes(of: 9, toByteOffset: 4, as: Float.self)
        #expect(try file.values(of: "w", as: Float.self) == [1, 9, 3])
        #expect(try SafetensorsFile(contentsOf: url).values(of: "w", as: Float.self) == [1, 2, 3])
    }

    @Test func alignmentIsToldFromTheOffset() throws {
        let folder = try TemporaryFolder()
        var header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        while header.utf8.count % 4 != 1 { header += " " }
        let file = try SafetensorsFile(contentsOf: folder.write(safetensorsBytes(header, dataCount: 4)))
        let entry = try #require(file["a"])
        #expect(entry.byteRange.lowerBound % 4 != 0)
        #expect(!file.isAligned(entry))
        #expect(try file.values(of: "a", as: Float.self) == [Float(bitPattern: 0x0302_0100)])
    }

    @Test func wrongNameOrTypeIsAnError() throws {
        let file = try SafetensorsFile(contentsOf: fixture("every_type.safetensors"))
        expectError(.missing, ["\"nothing\"", "12"]) { _ = try file.values(of: "nothing", as: Float.self) }
        expectError(.unsupported, ["\"scalar\"", "F32", "F64"]) {
            _ = try file.values(of: "scalar", as: Double.self)
        }
    }

    static let brokenHeaders: [(String, Int, [String])] = [
        ("[]", 0, ["begin with \"{\""]),
        (" {}", 0, ["begin with \"{\""]),
        ("{", 0, ["header", "byte 1"]),
        (#"{"a":1}"#, 0, ["\"a\"", "the integer 1"]),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
            2, ["\"a\" appears twice"]
        ),
        (#"{"a":{"shape":[1],"data_offsets":[0,1]}}"#, 1, ["\"a\"", "dtype", "missing"]),
        (#"{"a":{"dtype":7,"shape":[1],"data_offsets":[0,1]}}"#, 1, ["\"a\"", "dtype", "the integer 7"]),
        (#"{"a":{"dtype":"U8","data_offsets":[0,1]}}"#, 1, ["\"a\"", "shape", "missing"]),
        (#"{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}"#, 1, ["\"a\"", "shape", "the integer 1"]),
        (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, 1, ["\"a\"", "shape[0]", "-1"]),
        (#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, 1, ["\"a\"", "shape[0]", "1.0"]),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, 1, ["\"a\"", "[begin, end]", "[0]"]),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, 1, ["\"a\"", "[0, 1, 2]"]),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}"#, 1, ["\"a\"", "ascending", "[1, 0]"]),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,"1"]}}"#, 1, ["\"a\"", "data_offsets[1]"]),
        (#"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}"#, 20, ["\"a\"", "[2, 3]", "20", "24"]),
        (
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
            ["\"a\"", "4611686018427387904"]
        ),
        (#"{"a":{"dtype":"F64","shape":[1152921504606846976],"data_offsets":[0,0]}}"#, 0, ["\"a\"", "counted"]),
        (
            #"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#, 4,
            ["\"a\"", "9223372036854775807", "4", "truncated"]
        ),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
            6, ["\"b\"", "byte 2", "inside tensor \"a\"", "byte 4"]
        ),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}"#,
            10, ["\"b\"", "byte 6", "tensor \"a\"", "2 bytes between"]
        ),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3, ["\"a\"", "byte 1", "the header"]),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, 3, ["\"a\"", "byte 4", "only 3", "truncated"]),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, 9, ["end at byte 65", "70 bytes", "5 bytes too"]),
        ("{}", 1, ["end at byte 10", "11 bytes"]),
        (#"{"__metadata__":{"a":1}}"#, 0, ["__metadata__.a", "a string", "the integer 1"]),
        (#"{"__metadata__":[]}"#, 0, ["__metadata__", "a list"]),
        (#"{"__metadata__":null}"#, 0, ["__metadata__", "required"]),
        ("{\"a\u{0}\":1}", 0, ["control character"]),
    ]

    @Test(arguments: brokenHeaders)
    func refusesABrokenHeader(header: String, dataCount: Int, words: [String]) throws {
        let folder = try TemporaryFolder()
        let url = try folder.write(safetensorsBytes(header, dataCount: dataCount), "broken.safetensors")
        expectError(.malformed, words + ["broken.safetensors"]) { _ = try SafetensorsFile(contentsOf: url) }
    }

    @Test func refusesAnUnknownTypeWithTheKnownOnes() throws {
        let folder = try TemporaryFolder()
        let header = #"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#
        let url = try folder.write(safetensorsBytes(header, dataCount: 1))
        expectError(.unsupported, ["\"a\"", "F8_E4M3", "BF16", "BOOL"]) {
            _ = try SafetensorsFile(contentsOf: url)
        }
    }

    @Test func refusesABrokenSizeOrEncoding() throws {
        let folder = try TemporaryFolder()
        let cases: [([UInt8], [String])] = [
            ([], ["0 bytes"]),
            ([1, 0, 0, 0, 0, 0, 0], ["7 bytes"]),
            (safetensorsBytes("{}", dataCount: 0, headerSize: 3), ["claims 3", "only 2"]),
            (safetensorsBytes("{}", dataCount: 0, headerSize: 0), ["begin with"]),
            (safetensorsBytes("{}", dataCount: 0, headerSize: 100_000_001), ["100000001", "at most 100000000"]),
            (safetensorsBytes("{}", dataCount: 0, headerSize: .max), ["18446744073709551615"]),
            ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF, 0x7D], ["UTF-8", "byte 1"]),
        ]
        for (bytes, words) in cases {
            let url = try folder.write(bytes)
            expectError(.malformed, words) { _ = try SafetensorsFile(contentsOf: url) }
        }
        expectError(.missing, ["absent"]) { _ = try SafetensorsFile(contentsOf: folder.file("absent")) }
        expectError(.unreadable, ["regular"]) { _ = try SafetensorsFile(contentsOf: folder.url) }
    }

    @Test func damagedFilesAreRefusedOrStayInBounds() throws {
        let folder = try TemporaryFolder()
        let bytes = [UInt8](try Data(contentsOf: fixture("every_type.safetensors")))
        let headerEnd = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
        #expect(bytes[headerEnd - 1] == UInt8(ascii: " ") || bytes[headerEnd - 1] == UInt8(ascii: "}"))
        var opened = 0, refused = 0
        for seed in 0..<5000 {
            var generator = SeededGenerator(seed: seed)
            let damaged = generator.damage(bytes, headerEnd: headerEnd)
            let url = try folder.write(damaged)
            do {
                let file = try SafetensorsFile(contentsOf: url)
                opened += 1
                var total = 0
                for entry in file.entries {
                    #expect(entry.byteRange.upperBound <= damaged.count, "seed \(seed)")
                    #expect(entry.shape.reduce(1, *) == entry.count, "seed \(seed)")
                    total += file.withUnsafeBytes(of: entry) { bytes in
                        bytes.elementsEqual(damaged[entry.byteRange]) ? bytes.count : -1
                    }
                }
                #expect(
                    total + (file.entries.first?.byteRange.lowerBound ?? damaged.count) == damaged.count,
                    "seed \(seed)")
            } catch is ModelFileError {
                refused += 1
            }
        }
        #expect(opened > 100 && refused > 1000, "\(opened) opened, \(refused) refused")
    }
}
