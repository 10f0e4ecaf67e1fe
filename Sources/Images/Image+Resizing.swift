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
        let down = ResamplingWeights(resampling, from: self.height, to: height, range: inner.1)
        // Sums are rounded after the first pass, so that the order tells. As Pillow 13 does, rows go first where many more of them go away.
        let isFlattened = self.height - height > 2 * max(0, self.width - width)
        let part = isFlattened ? resampled(down: down).resampled(across: across) : resampled(across: across, down: down)
        return inner == (columns, rows) ? part : part.framed(columns, rows, at: (inner.0.lowerBound, inner.1.lowerBound))
    }

    /// Along rows, and then along columns; only the rows that the second pass takes go through the first.
    private func resampled(across: ResamplingWeights, down: ResamplingWeights) -> Image {
        let needed = down.old
        let rows = needed == 0..<height ? pixels : Array(pixels[3 * width * needed.lowerBound..<3 * width * needed.upperBound])
        return Image(width: width, height: needed.count, pixels: rows).resampled(across: across)
            .resampled(down: down.shifted(by: -needed.lowerBound))
    }

    private func resampled(across weights: ResamplingWeights) -> Image {
        var result = [UInt8](repeating: 0, count: 3 * weights.firsts.count * height)
        image_resample(
            pixels, 3 * width, &result, 3 * weights.firsts.count, height, weights.firsts.count, 3, weights.firsts, weights.counts,
            weights.weights, weights.taps)
        return Image(width: weights.firsts.count, height: height, pixels: result)
    }

    private func resampled(down weights: ResamplingWeights) -> Image {
        var result = [UInt8](repeating: 0, count: 3 * width * weights.firsts.count)
        image_resample(
            pixels, 0, &result, 0, 1, weights.firsts.count, 3 * width, weights.firsts, weights.counts, weights.weights, weights.taps)
        return Image(width: width, height: weights.firsts.count, pixels: result)
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
