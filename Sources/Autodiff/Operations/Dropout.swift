import CKernels

extension Tensor {
    /// Zeroes a share of the elements and scales the others by `1/(1 − rate)` (Srivastava et al. 2014).
    ///
    /// The mask is never stored: the reverse pass computes it again.
    ///
    /// - Parameters:
    ///   - mask: What is dropped.
    ///   - addresses: One for each row of this matrix.
    public func dropout(_ mask: DropoutMask, at addresses: RowAddresses) -> Tensor {
        Kernels.loops("dropout", self)
        require(
            rank == 2 && addresses.samples.count == shape[0], "dropout", [self],
            "needs a matrix of \(addresses.samples.count) rows: one for each address by which it draws")
        if mask.rate == 0 { return self }
        return Tape.record("dropout", value: Kernels.dropout(self, mask, addresses), from: self) { dy in
            dy.dropout(mask, at: addresses)
        }
    }
}

extension Kernels {
    static func dropout(_ x: Tensor, _ mask: DropoutMask, _ addresses: RowAddresses) -> Tensor {
        let loops = loops("dropout", x)
        let out = Tensor(uninitialized: x.shape, dtype: x.dtype)
        let width = x.shape[1]
        addresses.samples.withUnsafeBufferPointer { samples in
            addresses.positions.withUnsafeBufferPointer { positions in
                let (samples, positions) = (samples.baseAddress, positions.baseAddress)
                Parallel.forRanges(x.shape[0], grain: max(1, grain / 4 / max(1, width))) { range in
                    let (row, first) = (range.lowerBound, range.lowerBound * width)
                    loops.dropout(
                        x.at(first), out.at(first), Int64(range.count), Int64(width), mask.rate, mask.key.bits,
                        mask.site, samples! + row, positions! + row)
                }
            }
        }
        return out
    }
}
