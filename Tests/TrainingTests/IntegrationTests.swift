import Foundation
import Tapestry
import Testing

@testable import Training

/// Where logs go beside the progress bar: event files, Python's packages, lines of JSON.
struct IntegrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func train(_ callbacks: [any TrainerCallback]) throws -> Trainer<SentenceTransformer> {
        let trainer = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs().prefix(16), evalDataset: pairs().prefix(8),
            arguments: settings(folder) { ($0.loggingSteps, $0.evalStrategy) = (1, .epoch) }, callbacks: callbacks)
        try trainer.train()
        return trainer
    }

    // MARK: TensorBoard

    /// Checksums of RFC 3720, appendix B.4.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            ([UInt8](0..<32), 0x46dd_794e), ([UInt8]((0..<32).reversed()), 0x113f_db5c),
        ] as [([UInt8], UInt32)])
    func checksumsAreThoseOfTheStandard(_ bytes: [UInt8], _ sum: UInt32) { #expect(CRC32C.checksum(bytes) == sum) }

    /// The events of a file, as field numbers and contents, taken apart by what the formats say.
    private func records(_ url: URL) throws -> [[(field: Int, content: [UInt8])]] {
        var rest = [UInt8](try Data(contentsOf: url))[...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func number(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        var records: [[(field: Int, content: [UInt8])]] = []
        while !rest.isEmpty {
            let length = take(8)
            #expect(number(take(4)) == UInt64(CRC32C.masked(length)))
            let event = take(Int(number(length)))
            #expect(event.count == Int(number(length)) && number(take(4)) == UInt64(CRC32C.masked(event)))
            records.append(fields(event))
        }
        return records
    }

    private func fields(_ message: [UInt8]) -> [(field: Int, content: [UInt8])] {
        var rest = message[...]
        func varint() -> Int {
            var (value, shift) = (0, 0)
            while let byte = rest.popFirst() {
                value |= Int(byte & 127) << shift
                shift += 7
                if byte < 128 { break }
            }
            return value
        }
        var found: [(field: Int, content: [UInt8])] = []
        while !rest.isEmpty {
            let key = varint()
            let count: Int
            switch key & 7 {
            case 1: count = 8
            case 5: count = 4
            case 2: count = varint()
            default:
                found.append((key >> 3, [UInt8(varint())]))
                continue
            }
            found.append((key >> 3, Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return found
    }

    private func content(_ message: [(field: Int, content: [UInt8])], _ field: Int) -> [UInt8] {
        message.first { $0.field == field }?.content ?? []
    }

    @Test func eventFilesHoldWhatIsLogged() throws {
        let trainer = try train([TensorBoardCallback(folder: folder.file("board"))])
        let names = try folder.content("board")
        #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
        let events = try records(folder.file("board").appendingPathComponent(names[0]))
        #expect(String(decoding: content(events[0], 3), as: UTF8.self) == "brain.Event:2")
        let arguments = fields(content(fields(content(events[1], 5)), 1))
        #expect(String(decoding: content(arguments, 1), as: UTF8.self) == "args/text_summary")
        #expect(String(decoding: content(fields(content(arguments, 8)), 8), as: UTF8.self).contains("\"learning_rate\": \"0.001\""))
        var found: [(step: Int, tag: String, value: Float)] = []
        for event in events.dropFirst(2) {
            for summary in fields(content(event, 5)) {
                let value = fields(summary.content)
                let bits = content(value, 2).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                found.append((Int(content(event, 2)[0]), String(decoding: content(value, 1), as: UTF8.self), Float(bitPattern: bits)))
            }
        }
        let expected = trainer.state.logHistory.flatMap { entry in
            entry.values.map { (entry.step, TensorBoardCallback.tag($0.key), Float($0.value)) }
        }
        #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0 == $1 })
        #expect(Set(found.map(\.tag)).isSuperset(of: ["train/loss", "train/learning_rate", "eval/loss", "train/epoch"]))
    }

    @Test func aFolderThatCannotBeWrittenToIsRefusedBeforeTheFirstStep() throws {
        try Data().write(to: folder.file("board"))
        expectError(TrainingError.self, ["board", "no event file"]) { _ = try train([TensorBoardCallback(folder: folder.file("board"))]) }
    }

    // MARK: Others

    @Test func aPrinterWritesALineOfJSONForEachEntry() throws {
        var lines: [String] = []
        let trainer = try train([PrinterCallback { lines.append($0) }])
        #expect(lines.count == trainer.state.logHistory.count)
        for (line, entry) in zip(lines, trainer.state.logHistory) {
            guard case .object(let object) = try JSONValue.parse(Array(line.utf8)) else { throw TrainingArgumentError(line) }
            #expect(object.keys == entry.values.map(\.key).filter { $0 != "total_flos" })
            for (key, value) in entry.values where key != "total_flos" {
                #expect(abs((object[key]?.doubleValue ?? .infinity) - value) <= value.magnitude * 5e-4, "\(key)")
            }
        }
    }

    #if compiler(>=6.2)
        /// A program in the place of Python says what it is sent, and answers.
        private static func python(_ folder: TemporaryFolder, answer: String) throws -> String {
            let program = folder.file("python")
            try """
            #!/bin/sh
            echo '{"ready": true}'
            echo 'a package that prints'
            while read -r line; do echo "$line" >> \(folder.file("lines").path); case "$line" in *end*) echo '\(answer)';; esac; done
            """.write(to: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
            return program.path
        }

        // The environment belongs to the whole process: in one of its own.
        @Test func whatIsLoggedGoesToPythonsPackages() async {
            await #expect(processExitsWith: .success) {
                let test = try IntegrationTests()
                setenv(
                    "TAPESTRY_PYTHON",
                    try Self.python(test.folder, answer: #"{"kilograms": 0.5, "energy": 2, "processor": "a processor"}"#), 1)
                let carbon = CodeCarbonCallback()
                let trainer = try test.train([WandbCallback(runName: "mine"), carbon])
                let lines = try String(contentsOf: test.folder.file("lines"), encoding: .utf8).split(separator: "\n")
                let logs = lines.filter { $0.contains("\"log\"") }
                guard logs.count == trainer.state.logHistory.count, logs.contains(where: { $0.contains("\"eval/loss\"") }),
                    lines.contains(where: { $0.contains("\"begin\":\"mine\"") && $0.contains("sentence-transformers") }),
                    carbon.emissions == CarbonEmissions(emissions: 500, energyConsumed: 2, cpuModel: "a processor")
                else { fatalError("\(lines) \(carbon)") }
            }
        }

        @Test func aPackageThatIsAbsentIsSaidToBe() async {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                setenv("TAPESTRY_PYTHON", "no-such-python", 1)
                _ = try IntegrationTests().train([WandbCallback(), CodeCarbonCallback()])
            }
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(text.contains("wandb is not installed") && text.contains("codecarbon is not installed"), "\(text)")
        }
    #endif
}
