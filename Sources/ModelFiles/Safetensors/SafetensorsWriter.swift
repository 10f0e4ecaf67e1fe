import Foundation
import JSON

/// Writes safetensors files.
public enum SafetensorsWriter {
    /// The data begin at a multiple of this many bytes, so that a mapped file's first tensors are aligned to a
    /// cache line. The format asks for 8.
    private static let dataAlignment = 64

    /// Writes the tensors, ordered by descending element size and then by name, so that each is aligned.
    ///
    /// The file appears complete or not at all: on any error an older file stays as it was.
    ///
    /// - Throws: ``ModelFileError`` when a name appears twice, a shape does not fit the bytes, or the system
    ///   refuses; and whatever a tensor's `withBytes` throws.
    public static func write(
        _ tensors: [SafetensorsTensor], metadata: [String: String] = ["format": "pt"], to url: URL
    ) throws {
        let ordered = tensors.sorted {
            $0.dtype.byteCount != $1.dtype.byteCount
                ? $0.dtype.byteCount > $1.dtype.byteCount : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        let sizes = try ordered.map { try byteCount($0, file: url.path) }
        let header = try header(of: ordered, sizes: sizes, metadata: metadata, file: url.path)
        try AtomicFile.write(to: url) { sink in
            try withUnsafeBytes(of: UInt64(header.count).littleEndian, sink.append)
            try sink.append(header)
            for (tensor, size) in zip(ordered, sizes) {
                try write(tensor, size: size, to: sink, file: url.path)
            }
        }
    }

    private static func error(_ tensor: SafetensorsTensor, _ problem: String, file: String) -> ModelFileError {
        ModelFileError(.invalidArgument, file: file, place: "tensor \(quoted(tensor.name))", problem: problem)
    }

    private static func byteCount(_ tensor: SafetensorsTensor, file: String) throws -> Int {
        guard let size = tensor.dtype.byteCount(ofShape: tensor.shape) else {
            throw error(tensor, "the shape \(tensor.shape) has a negative size or too many elements", file: file)
        }
        return size
    }

    private static func header(
        of tensors: [SafetensorsTensor], sizes: [Int], metadata: [String: String], file: String
    ) throws -> [UInt8] {
        var object = JSONObject()
        if !metadata.isEmpty { object[SafetensorsHeader.metadataKey] = JSONValue(metadata) }
        var end = 0
        for (tensor, size) in zip(tensors, sizes) {
            guard tensor.name != SafetensorsHeader.metadataKey else {
                throw error(tensor, "the format reserves this name", file: file)
            }
            let (next, overflow) = end.addingReportingOverflow(size)
            guard !overflow else { throw error(tensor, "the file would be too large", file: file) }
            let entry: JSONObject = [
                "dtype": .string(tensor.dtype.rawValue),
                "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": .array([.integer(end), .integer(next)]),
            ]
            guard object.appendIfNew(tensor.name, .object(entry)) else {
                throw error(tensor, "two tensors have this name", file: file)
            }
            end = next
        }
        var header = [UInt8](JSONValue.object(object).serialized(.compact).utf8)
        while !(8 + header.count).isMultiple(of: dataAlignment) { header.append(UInt8(ascii: " ")) }
        guard header.count <= SafetensorsHeader.maximumSize else {
            throw ModelFileError(
                .invalidArgument, file: file,
                problem: "the header takes \(header.count) bytes, "
                    + "but the format allows \(SafetensorsHeader.maximumSize)")
        }
        return header
    }

    private static func write(
        _ tensor: SafetensorsTensor, size: Int, to sink: AtomicFileSink, file: String
    ) throws {
        let written = try sink.append(upTo: size, tensor.withBytes)
        guard written == size else {
            throw error(
                tensor,
                "the shape \(tensor.shape) of \(tensor.dtype.rawValue) takes \(size) bytes, "
                    + "but \(written) were given", file: file)
        }
    }
}
