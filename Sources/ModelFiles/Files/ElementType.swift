/// What a file of numbers says its elements are.
protocol ElementType {
    /// Bytes per element.
    var byteCount: Int { get }
}

extension Array where Element: BitwiseCopyable {
    /// The elements that bytes hold, which need not be aligned.
    init(copying bytes: UnsafeRawBufferPointer) {
        let total = bytes.count / MemoryLayout<Element>.stride
        self.init(unsafeUninitializedCapacity: total) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            count = total
        }
    }
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
