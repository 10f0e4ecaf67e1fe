import Autodiff
import Tables

extension Dataset {
    /// Columns of numbers as a matrix, one row for each of `rows`.
    ///
    /// - Parameters:
    ///   - columns: Their names, in this order.
    ///   - rows: Which rows; all when left out.
    ///   - dtype: Of the tensor.
    /// - Returns: `[B, C]`; lists take as many columns of it as they are long.
    /// - Throws: `DatasetError` for a name that does not exist, or a column that holds no numbers.
    public func tensor(_ columns: [String], rows: [Int]? = nil, dtype: DType = .float32) throws -> Tensor {
        let (values, shape) = try numbers(columns: columns, rows: rows)
        return Tensor(values, shape: shape, dtype: dtype)
    }
}
