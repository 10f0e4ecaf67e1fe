/// What a file of numbers says its elements are.
protocol ElementType {
    /// Bytes per element.
    var byteCount: Int { get }
}

extension ElementType {
    /// The bytes of an array of this shape; nil when a size is negative or the product overflows.
    func byteCount(ofShape shape: [Int]) -> Int? {
        var result = byteCount
        for size in shape {
            let (product, overflow) = result.multipliedReportingOverflow(by: size)
            if size < 0 || overflow { return nil }
            result = product
        }
        return result
    }
}
