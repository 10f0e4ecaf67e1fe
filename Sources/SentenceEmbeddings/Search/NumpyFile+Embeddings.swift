import Autodiff
import ModelFiles

extension NumpyFile {
    /// The file's matrix as a tensor `[N, D]` over the mapped file: numbers are read when they are used, and the system may let go
    /// of them again, so the matrix may be larger than memory.
    ///
    /// - Parameter dimension: D, when the embeddings have to be of a certain width.
    /// - Throws: ``SearchError`` unless the file holds a matrix of float32 or float64, of that width.
    public func embeddings(dimension: Int? = nil) throws -> Tensor {
        let path = url.path
        guard shape.count == 2 else { throw SearchError("\(path) has the shape \(shape); embeddings are a matrix, [rows, dimension]") }
        let found: DType
        switch dtype {
        case .float32: found = .float32
        case .float64: found = .float64
        default: throw SearchError("\(path) holds '\(dtype.rawValue)'; embeddings are '<f4' or '<f8'")
        }
        if let dimension, shape[1] != dimension {
            throw SearchError(
                "\(path) holds embeddings of \(shape[1]) numbers, but \(dimension) were expected: was it made by another model?")
        }
        guard count > 0 else { return .zeros(shape, dtype: found) }
        return withUnsafeBytes { bytes in
            Tensor(sharing: UnsafeMutableRawPointer(mutating: bytes.baseAddress!), shape: shape, dtype: found, owner: self)
        }
    }
}
