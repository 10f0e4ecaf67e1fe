import Foundation

/// A file of events as TensorBoard reads them: records of the TFRecord format (length, checksum, bytes, checksum), each an `Event`
/// message of TensorBoard's protocol buffers.
final class EventFile {
    /// Where it is.
    let url: URL
    private let handle: FileHandle

    /// Begins a file whose name is not taken yet.
    ///
    /// - Throws: ``TrainingError`` where the folder cannot be written to.
    init(in folder: URL, at time: Date = Date()) throws {
        let process = ProcessInfo.processInfo
        let name = "events.out.tfevents.\(Int(time.timeIntervalSince1970)).\(process.hostName).\(process.processIdentifier)"
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let taken = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
            let number = (0...).first { !taken.contains("\(name).\($0)") }!
            url = folder.appendingPathComponent("\(name).\(number)")
            try Data().write(to: url, options: .withoutOverwriting)
            handle = try FileHandle(forWritingTo: url)
        } catch {
            throw TrainingError.output(path: folder.path, reason: "no event file can be written here: \(error.localizedDescription)")
        }
        try append(Message().adding(1, double: time.timeIntervalSince1970).adding(3, "brain.Event:2"))
    }

    /// Adds numbers of one step.
    func add(scalars: [(tag: String, value: Double)], step: Int, at time: Date = Date()) throws {
        let summary = scalars.reduce(Message()) { summary, scalar in
            summary.adding(1, Message().adding(1, scalar.tag).adding(2, float: Float(scalar.value)))
        }
        try append(Message().adding(1, double: time.timeIntervalSince1970).adding(2, integer: step).adding(5, summary))
    }

    /// Adds a text, which TensorBoard shows as Markdown.
    func add(text: String, tag: String, at time: Date = Date()) throws {
        let dataTypeString = 7
        let shape = Message().adding(2, Message().adding(1, integer: 1))
        let tensor = Message().adding(1, integer: dataTypeString).adding(2, shape).adding(8, text)
        let metadata = Message().adding(1, Message().adding(1, "text"))
        let value = Message().adding(1, "\(tag)/text_summary").adding(8, tensor).adding(9, metadata)
        try append(Message().adding(1, double: time.timeIntervalSince1970).adding(5, Message().adding(1, value)))
    }

    /// Closes the file.
    func close() throws { try handle.close() }

    private func append(_ event: Message) throws {
        let length = Self.littleEndian(UInt64(event.bytes.count))
        let record =
            length + Self.littleEndian(CRC32C.masked(length)) + event.bytes + Self.littleEndian(CRC32C.masked(event.bytes))
        try handle.write(contentsOf: Data(record))
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] { Message.fixed(value) }
}

/// The bytes of a protocol-buffers message.
private struct Message {
    private(set) var bytes: [UInt8] = []

    private enum WireType: Int { case varint, fixed64, bytes, fixed32 = 5 }

    private func adding(_ field: Int, _ type: WireType, _ content: [UInt8]) -> Message {
        var copy = self
        copy.bytes += Self.varint(UInt64(field << 3 | type.rawValue)) + content
        return copy
    }

    func adding(_ field: Int, integer: Int) -> Message { adding(field, .varint, Self.varint(UInt64(bitPattern: Int64(integer)))) }
    func adding(_ field: Int, double: Double) -> Message { adding(field, .fixed64, Self.fixed(double.bitPattern)) }
    func adding(_ field: Int, float: Float) -> Message { adding(field, .fixed32, Self.fixed(float.bitPattern)) }
    func adding(_ field: Int, _ text: String) -> Message { adding(field, .bytes, Self.varint(UInt64(text.utf8.count)) + text.utf8) }
    func adding(_ field: Int, _ message: Message) -> Message {
        adding(field, .bytes, Self.varint(UInt64(message.bytes.count)) + message.bytes)
    }

    static func fixed(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest > 127 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// The checksum of Castagnoli's polynomial, masked as TFRecord files have it.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xa282_ead8
    }
}
