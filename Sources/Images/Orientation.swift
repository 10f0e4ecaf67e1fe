/// How a camera was held, by the number that EXIF has for it.
struct Orientation {
    private let number: Int

    init(_ number: Int) { self.number = number }

    /// The image upright.
    func turned(_ image: Image) -> Image {
        guard (2...8).contains(number) else { return image }
        let (w, h) = (image.width, image.height)
        // From 5 on, columns and rows change places.
        let (width, height) = number < 5 ? (w, h) : (h, w)
        var pixels = [UInt8](repeating: 0, count: image.pixels.count), next = 0
        for y in 0..<height {
            for x in 0..<width {
                let (column, row) =
                    switch number {
                    case 2: (w - 1 - x, y)
                    case 3: (w - 1 - x, h - 1 - y)
                    case 4: (x, h - 1 - y)
                    case 5: (y, x)
                    case 6: (y, h - 1 - x)
                    case 7: (w - 1 - y, h - 1 - x)
                    default: (w - 1 - y, x)
                    }
                let place = 3 * (row * w + column)
                for channel in 0..<3 { pixels[next + channel] = image.pixels[place + channel] }
                next += 3
            }
        }
        return Image(width: width, height: height, pixels: pixels)
    }
}
