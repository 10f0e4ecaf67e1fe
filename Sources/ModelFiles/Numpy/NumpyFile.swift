import Foundation

/// An open `.npy` file: one array, used where it lies in the mapped file.
///
/// Reads format versions 1 to 3 in C order and little-endian; writes version 1.0.
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public final class NumpyFile: Sendable {
    /// The file.
    public let url: URL
    /// The type of its elements.
    public let dtype: NumpyType
    /// Empty for a scalar.
    public let shape: [Int]
    private let byteRange: Range<Int>
    private let mapping: FileMapping

    /// Maps the file and checks its header. No element is read.
    ///
    /// - Throws: ``ModelFileError`` with the key or the figures that are wrong.
    public init(contentsOf url: URL) throws {
        self.url = url
        mapping = try FileMapping(contentsOf: url, access: .readOnly)
        let header = try NumpyHeader(of: mapping.bytes, file: url.path)
        dtype = header.dtype
        shape = header.shape
        byteRange = header.dataRange
    }

    /// The number of elements.
    public var count: Int { byteRange.count / dtype.byteCount }

    /// The row-major, little-endian elements.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[byteRange]))
    }

    /// A copy of the elements in row-major order.
    ///
    /// - Throws: ``ModelFileError`` when the file holds another type.
    public func values<Scalar: NumpyScalar>(as type: Scalar.Type) throws -> [Scalar] {
        guard dtype == Scalar.numpyType else {
            throw ModelFileError(
                .unsupported, file: url.path, place: "descr",
                problem:
                    "the elements are '\(dtype.rawValue)', but '\(Scalar.numpyType.rawValue)' was asked for")
        }
        return withUnsafeBytes { [Scalar](copying: $0) }
    }

    // MARK: Writing

    /// Writes an array that is in memory, in row-major order.
    public static func write<Scalar: NumpyScalar>(_ values: [Scalar], shape: [Int], to url: URL) throws {
        try write(Scalar.numpyType, shape: shape, to: url) { sink in
            try values.withUnsafeBytes { try sink($0) }
        }
    }

    /// Writes an array piece by piece. The file appears complete or not at all.
    ///
    /// - Parameters:
    ///   - dtype: The type of the elements.
    ///   - shape: Of the array.
    ///   - url: The file.
    ///   - withBytes: Hands the row-major, little-endian elements to its argument, in any pieces.
    /// - Throws: ``ModelFileError`` when the shape does not fit the bytes or the system refuses; and whatever
    ///   `withBytes` throws.
    public static func write(
        _ dtype: NumpyType, shape: [Int], to url: URL,
        withBytes: (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        func error(_ problem: String) -> ModelFileError {
            ModelFileError(.invalidArgument, file: url.path, place: "shape \(shape)", problem: problem)
        }
        guard let size = dtype.byteCount(ofShape: shape), shape.count <= NumpyHeader.maximumRank else {
            throw error(
                "it has a negative size, too many elements or more than "
                    + "\(NumpyHeader.maximumRank) axes")
        }
        try AtomicFile.write(to: url) { file in
            try file.append(NumpyHeader.bytes(dtype: dtype, shape: shape))
            let written = try file.append(upTo: size, withBytes)
            guard written == size else {
                throw error("with '\(dtype.rawValue)' it takes \(size) bytes, but \(written) were given")
            }
        }
    }
}
