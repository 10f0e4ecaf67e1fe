import CImages
import Requirements

extension Image {
    /// The image at another size.
    ///
    /// - Parameters:
    ///   - width: Columns, 1 or more.
    ///   - height: Rows, 1 or more.
    ///   - resampling: How new points are made of old ones.
    public func resized(width: Int, height: Int, by resampling: Resampling = .bicubic) -> Image {
        resized(width: width, height: height, by: resampling, columns: 0..<width, rows: 0..<height)
    }

    /// A part of the image at another size; no more than this part is computed. What lies outside of the image is black.
    ///
    /// - Parameters:
    ///   - width: Columns of the whole, 1 or more.
    ///   - height: Rows of the whole, 1 or more.
    ///   - resampling: How new points are made of old ones.
    ///   - columns: Of the part, at least one; they may begin before 0 and end after `width`.
    ///   - rows: Of the part, likewise.
    public func resized(
        width: Int, height: Int, by resampling: Resampling = .bicubic, columns: Range<Int>, rows: Range<Int>
    ) -> Image {
        require(
            width > 0 && height > 0 && !columns.isEmpty && !rows.isEmpty,
            "Image.resized: \(width) × \(height) points, of them columns \(columns) and rows \(rows), are none")
        let inner = (columns.clamped(to: 0..<width), rows.clamped(to: 0..<height))
        guard !inner.0.isEmpty, !inner.1.isEmpty else {
            return Image(width: columns.count, height: rows.count, red: 0, green: 0, blue: 0)
        }
        let across = ResamplingWeights(resampling, from: self.width, to: width, range: inner.0)
        var down = ResamplingWeights(resampling, from: self.height, to: height, range: inner.1)
        // Only the rows that the second pass takes go through the first.
        let top = Int(down.firsts[0])
        let bottom = zip(down.firsts, down.counts).reduce(top) { max($0, Int($1.0 + $1.1)) }
        down.firsts = down.firsts.map { $0 - Int32(top) }
        let narrow = 3 * inner.0.count, wide = 3 * self.width
        var between = [UInt8](repeating: 0, count: narrow * (bottom - top))
        let input = top == 0 && bottom == self.height ? pixels : Array(pixels[wide * top..<wide * bottom])
        image_resample(
            input, wide, &between, narrow, bottom - top, inner.0.count, 3, across.firsts, across.counts, across.weights, across.taps)
        var result = [UInt8](repeating: 0, count: narrow * inner.1.count)
        image_resample(between, 0, &result, 0, 1, inner.1.count, narrow, down.firsts, down.counts, down.weights, down.taps)
        let part = Image(width: inner.0.count, height: inner.1.count, pixels: result)
        return inner == (columns, rows) ? part : part.framed(columns, rows, at: (inner.0.lowerBound, inner.1.lowerBound))
    }

    /// This image, which stands at a place, amid black so that it fills columns and rows.
    private func framed(_ columns: Range<Int>, _ rows: Range<Int>, at place: (column: Int, row: Int)) -> Image {
        var result = [UInt8](repeating: 0, count: 3 * columns.count * rows.count)
        for y in 0..<height {
            let start = 3 * ((place.row - rows.lowerBound + y) * columns.count + place.column - columns.lowerBound)
            result.replaceSubrange(start..<start + 3 * width, with: pixels[3 * y * width..<3 * (y + 1) * width])
        }
        return Image(width: columns.count, height: rows.count, pixels: result)
    }
}
