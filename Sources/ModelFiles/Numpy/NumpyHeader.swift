import JSON

/// The checked header of a `.npy` file: magic, version, size, then a Python dictionary as text.
struct NumpyHeader {
    static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    /// NumPy's own limit.
    static let maximumRank = 64
    private static let maximumSize = 1 << 20

    let dtype: NumpyType
    let shape: [Int]
    let dataRange: Range<Int>

    /// - Parameter bytes: The whole file.
    init(of bytes: UnsafeRawBufferPointer, file: String) throws {
        func error(
            _ place: String, _ problem: String, kind: ModelFileError.Kind = .malformed
        ) -> ModelFileError {
            ModelFileError(kind, file: file, place: place, problem: problem)
        }
        guard bytes.starts(with: Self.magic), bytes.count >= 10 else {
            throw error("first bytes", "a .npy file begins with \\x93NUMPY and a version; this one does not")
        }
        let version = Int(bytes[6])
        guard (1...3).contains(version) else {
            throw error("version", "versions 1 to 3 are read, but this file has \(version)", kind: .unsupported)
        }
        let textStart = version == 1 ? 10 : 12
        guard bytes.count >= textStart else {
            throw error("header size", "the file ends inside it, after \(bytes.count) bytes")
        }
        let size = bytes[8..<textStart].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size <= min(Self.maximumSize, bytes.count - textStart) else {
            throw error(
                "header size",
                "it claims \(size) bytes, but \(bytes.count - textStart) follow "
                    + "and at most \(Self.maximumSize) are allowed")
        }
        let dataStart = textStart + size
        let fields: NumpyDictionary
        do {
            fields = try NumpyDictionary(parsing: [UInt8](bytes[textStart..<dataStart]))
        } catch {
            throw ModelFileError(.malformed, file: file, place: "header", problem: error.problem)
        }
        guard let dtype = NumpyType(rawValue: fields.descr) else {
            let known = NumpyType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw error(
                "descr",
                "the element type \(quoted(fields.descr)) is not supported; "
                    + "supported are \(known)", kind: .unsupported)
        }
        guard !fields.isFortranOrder else {
            throw error(
                "fortran_order",
                "the array is stored column by column; save it in C order, as "
                    + "numpy.ascontiguousarray gives it", kind: .unsupported)
        }
        guard fields.shape.count <= Self.maximumRank,
            let byteCount = dtype.byteCount(ofShape: fields.shape)
        else {
            throw error("shape", "\(fields.shape) has more axes or elements than an array can have")
        }
        guard byteCount == bytes.count - dataStart else {
            throw error(
                "shape",
                "\(fields.shape) of '\(dtype.rawValue)' takes \(byteCount) bytes, but "
                    + "\(bytes.count - dataStart) follow the header: the file is truncated or too long")
        }
        self.dtype = dtype
        shape = fields.shape
        dataRange = dataStart..<bytes.count
    }

    /// A version 1.0 header, padded so that the data begin at a multiple of 64.
    static func bytes(dtype: NumpyType, shape: [Int]) -> [UInt8] {
        let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = Array("{'descr': '\(dtype.rawValue)', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
        while !(10 + text.count + 1).isMultiple(of: 64) { text.append(UInt8(ascii: " ")) }
        text.append(UInt8(ascii: "\n"))
        return magic + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
    }
}
