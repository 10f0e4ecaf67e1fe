import JSON

/// The checked header of a safetensors file: 8 bytes of size, then a JSON object, then the data.
struct SafetensorsHeader {
    /// The limit of the format's reference implementation.
    static let maximumSize = 100_000_000
    static let metadataKey = "__metadata__"

    /// In the order of their data.
    private(set) var entries: [SafetensorsFile.Entry] = []
    private(set) var metadata: [String: String] = [:]
    private let file: String

    /// - Parameter bytes: The whole file.
    init(of bytes: UnsafeRawBufferPointer, file: String) throws {
        self.file = file
        let dataStart = try Self.dataStart(of: bytes, file: file)
        let header = try Self.object(in: [UInt8](bytes[8..<dataStart]), file: file)
        entries.reserveCapacity(header.count)
        for (name, value) in header.members {
            if name == Self.metadataKey {
                var fields = JSONFields([name: value], file: file)
                metadata = try fields.required(name, try fields.stringMap(name), "an object of strings")
            } else {
                entries.append(try entry(name, value, dataStart: dataStart, fileSize: bytes.count))
            }
        }
        try sortAndCheckLayout(dataStart: dataStart, fileSize: bytes.count)
    }

    private static func dataStart(of bytes: UnsafeRawBufferPointer, file: String) throws -> Int {
        guard bytes.count >= 8 else {
            throw ModelFileError(
                .malformed, file: file,
                problem:
                    "a safetensors file begins with 8 bytes that give its header's size, "
                    + "but this one has \(bytes.count) bytes in all")
        }
        let size = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard size <= UInt64(maximumSize) else {
            throw ModelFileError(
                .malformed, file: file,
                problem:
                    "the header claims \(size) bytes, but at most \(maximumSize) are allowed; "
                    + "is this a safetensors file?")
        }
        guard size <= UInt64(bytes.count - 8) else {
            throw ModelFileError(
                .malformed, file: file,
                problem:
                    "the header claims \(size) bytes, but only \(bytes.count - 8) follow its size: "
                    + "the file is truncated or no safetensors file")
        }
        return 8 + Int(size)
    }

    private static func object(in header: [UInt8], file: String) throws -> JSONObject {
        guard header.first == UInt8(ascii: "{") else {
            throw ModelFileError(
                .malformed, file: file, place: "header",
                problem: "it must begin with \"{\"; is this a safetensors file?")
        }
        do {
            guard case .object(let object) = try JSONValue.parse(header) else {
                throw ModelFileError(.malformed, file: file, place: "header", problem: "it is no JSON object")
            }
            return object
        } catch let error as JSONSyntaxError {
            throw ModelFileError(.malformed, file: file, place: "header", problem: "\(error)")
        }
    }

    private func error(
        _ tensor: String, _ problem: String, kind: ModelFileError.Kind = .malformed
    ) -> ModelFileError {
        ModelFileError(kind, file: file, place: "tensor \(quoted(tensor))", problem: problem)
    }

    private func entry(
        _ name: String, _ value: JSONValue, dataStart: Int, fileSize: Int
    ) throws -> SafetensorsFile.Entry {
        guard case .object(let object) = value else {
            throw error(
                name,
                "an object with dtype, shape and data_offsets was expected, "
                    + "but it is \(value.kindName)")
        }
        let dtype = try dtype(name, object["dtype"])
        let shape = try integers(name, "shape", object["shape"])
        guard let byteCount = dtype.byteCount(ofShape: shape) else {
            throw error(name, "the shape \(shape) of \(dtype.rawValue) has more bytes than can be counted")
        }
        let offsets = try integers(name, "data_offsets", object["data_offsets"])
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw error(name, "data_offsets must be [begin, end] in ascending order, but is \(offsets)")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw error(
                name,
                "data_offsets \(offsets) span \(offsets[1] - offsets[0]) bytes, "
                    + "but the shape \(shape) of \(dtype.rawValue) takes \(byteCount)")
        }
        guard offsets[1] <= fileSize - dataStart else {
            throw error(
                name,
                "its data end at byte \(offsets[1]) of the data, but the file holds only "
                    + "\(fileSize - dataStart): it is truncated")
        }
        return SafetensorsFile.Entry(
            name: name, dtype: dtype, shape: shape,
            byteRange: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    private func dtype(_ name: String, _ value: JSONValue?) throws -> SafetensorsType {
        guard case .string(let text)? = value else {
            throw error(name, "dtype must be a string, but is \(value?.kindName ?? "missing")")
        }
        guard let dtype = SafetensorsType(rawValue: text) else {
            let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(
                name, "the dtype \(quoted(text)) is not supported; supported are \(known)",
                kind: .unsupported)
        }
        return dtype
    }

    private func integers(_ name: String, _ key: String, _ value: JSONValue?) throws -> [Int] {
        guard case .array(let elements)? = value else {
            throw error(name, "\(key) must be a list of integers, but is \(value?.kindName ?? "missing")")
        }
        return try elements.enumerated().map { index, element in
            guard case .integer(let integer) = element, integer >= 0 else {
                throw error(
                    name,
                    "\(key)[\(index)] must be an integer of at least 0, "
                        + "but is \(element.kindName)")
            }
            return integer
        }
    }

    /// Tensors must follow one another without gap or overlap and end where the file ends: so no byte of the
    /// file is unaccounted for, and none belongs to two tensors.
    private mutating func sortAndCheckLayout(dataStart: Int, fileSize: Int) throws {
        // Swift's sort is stable: empty tensors at the same place keep the order of the header.
        entries.sort {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound)
                < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        var end = dataStart
        var previous: String?
        for entry in entries {
            let begin = entry.byteRange.lowerBound
            let neighbor = previous.map { "tensor \(quoted($0))" } ?? "the header"
            if begin < end {
                throw error(
                    entry.name,
                    "it begins at byte \(begin - dataStart) of the data, inside \(neighbor), "
                        + "which ends at byte \(end - dataStart)")
            }
            if begin > end {
                throw error(
                    entry.name,
                    "it begins at byte \(begin - dataStart) of the data, but \(neighbor) "
                        + "ends at byte \(end - dataStart): \(begin - end) bytes between them belong to no tensor")
            }
            end = entry.byteRange.upperBound
            previous = entry.name
        }
        guard end == fileSize else {
            throw ModelFileError(
                .malformed, file: file,
                problem:
                    "the tensors end at byte \(end), but the file has \(fileSize) bytes: "
                    + "\(fileSize - end) bytes too many")
        }
    }
}
