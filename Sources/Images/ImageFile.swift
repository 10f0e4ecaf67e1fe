import CImages

/// The content of an image file.
struct ImageFile {
    let bytes: [UInt8]
    let name: String

    init(_ bytes: [UInt8], name: String) { (self.bytes, self.name) = (bytes, name) }

    func image(maximumPixelCount: Int) throws -> Image {
        let format = Int(image_format(bytes, bytes.count))
        guard format != IMAGE_UNKNOWN else { throw ImageError(.unsupported, file: name, problem: foreignFormat) }
        var problem = [UInt8](repeating: 0, count: Int(IMAGE_PROBLEM_SIZE)), width = 0, height = 0
        guard image_measure(bytes, bytes.count, &width, &height, &problem) != 0 else { throw malformed(problem) }
        guard width > 0, height > 0, width * height <= maximumPixelCount else {
            throw ImageError(
                .tooLarge, file: name, problem: "it has \(width) × \(height) points; at most \(maximumPixelCount) in all are allowed")
        }
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        guard image_decode(bytes, bytes.count, &pixels, width, height, &problem) != 0 else { throw malformed(problem) }
        let image = Image(width: width, height: height, pixels: pixels)
        return Orientation(format == IMAGE_PNG ? pngOrientation : jpegOrientation).turned(image)
    }

    private func malformed(_ problem: [UInt8]) -> ImageError {
        ImageError(.malformed, file: name, problem: String(decoding: problem.prefix { $0 != 0 }, as: UTF8.self))
    }

    private var foreignFormat: String {
        let formats: [(name: String, mark: [UInt8], offset: Int)] = [
            ("GIF", Array("GIF8".utf8), 0), ("WebP", Array("WEBP".utf8), 8), ("BMP", Array("BM".utf8), 0),
            ("TIFF", [0x49, 0x49, 0x2A, 0], 0),
            ("TIFF", [0x4D, 0x4D, 0, 0x2A], 0), ("AVIF or HEIF", Array("ftyp".utf8), 4),
        ]
        let found = formats.first { bytes.dropFirst($0.offset).starts(with: $0.mark) }
        let what = bytes.isEmpty ? "it is empty" : found.map { "it is \($0.name)" } ?? "it is in no known format"
        return "\(what); PNG and JPEG can be read"
    }
}

// MARK: EXIF

extension ImageFile {
    private func number(_ offset: Int, bytes count: Int, isLittle: Bool = false, in range: Range<Int>) -> Int? {
        guard offset >= range.lowerBound, offset + count <= range.upperBound else { return nil }
        let digits = bytes[offset..<offset + count]
        return (isLittle ? digits.reversed() : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }

    /// From the chunk `eXIf`.
    private var pngOrientation: Int {
        var position = 8
        while let length = number(position, bytes: 4, in: bytes.indices), position + 12 + length <= bytes.count {
            let content = position + 8..<position + 8 + length
            if bytes[position + 4..<position + 8].elementsEqual("eXIf".utf8) { return orientation(tiff: content) }
            position = content.upperBound + 4
        }
        return 1
    }

    /// From the segments before the pixels.
    private var jpegOrientation: Int {
        var position = 2
        while let mark = number(position, bytes: 2, in: bytes.indices), mark >> 8 == 0xFF, mark != 0xFFDA {
            // Marks may be preceded by any number of 0xFF.
            if mark == 0xFFFF {
                position += 1
                continue
            }
            guard let length = number(position + 2, bytes: 2, in: bytes.indices), length >= 2, position + 2 + length <= bytes.count else {
                break
            }
            let content = position + 4..<position + 2 + length
            if mark == 0xFFE1, bytes[content].starts(with: Array("Exif".utf8) + [0, 0]) {
                return orientation(tiff: content.lowerBound + 6..<content.upperBound)
            }
            position = content.upperBound
        }
        return 1
    }

    /// Tag 0x0112 of the first directory.
    private func orientation(tiff range: Range<Int>) -> Int {
        let isLittle = bytes[range].starts(with: "II".utf8)
        func number(_ offset: Int, bytes count: Int) -> Int? {
            self.number(range.lowerBound + offset, bytes: count, isLittle: isLittle, in: range)
        }
        guard isLittle || bytes[range].starts(with: "MM".utf8), number(2, bytes: 2) == 42, let directory = number(4, bytes: 4),
            let count = number(directory, bytes: 2)
        else { return 1 }
        for entry in 0..<count {
            let place = directory + 2 + 12 * entry
            guard let tag = number(place, bytes: 2) else { break }
            if tag == 0x0112, number(place + 2, bytes: 2) == 3 { return number(place + 8, bytes: 2) ?? 1 }
        }
        return 1
    }
}
