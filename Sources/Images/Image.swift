import Foundation
import Requirements

/// An image in memory: red, green and blue of every point, eight bits each.
///
/// ```swift
/// let image = try Image(contentsOf: URL(fileURLWithPath: "cat.jpg"))
/// print(image.width, image.height)
/// ```
public struct Image: Sendable, Equatable {
    /// Columns and rows.
    public let width, height: Int
    /// Red, green and blue of the points, row by row: 3 · `width` · `height`.
    public let pixels: [UInt8]

    /// An image of given points.
    ///
    /// - Parameters:
    ///   - width: Columns, 1 or more.
    ///   - height: Rows, 1 or more.
    ///   - pixels: Red, green and blue of the points, row by row.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        require(
            width > 0 && height > 0 && pixels.count == 3 * width * height,
            "Image: \(pixels.count) numbers do not fill \(width) × \(height) points of three")
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }

    /// An image of one color.
    public init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) {
        self.init(width: width, height: height, pixels: [[UInt8]](repeating: [red, green, blue], count: width * height).flatMap { $0 })
    }

    /// Reads a PNG or JPEG file. It is turned as its EXIF data says, and what is not opaque stands on white.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - maximumPixelCount: Files of more points are refused before memory is taken for them.
    /// - Throws: `ImageError`.
    public init(contentsOf url: URL, maximumPixelCount: Int = Self.usualMaximum) throws {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: url))
        } catch {
            throw ImageError(.unreadable, file: url.path, problem: "cannot be read; the path of a PNG or JPEG file was expected")
        }
        self = try ImageFile(bytes, name: url.path).image(maximumPixelCount: maximumPixelCount)
    }

    /// The same of a file's content.
    ///
    /// - Parameters:
    ///   - bytes: All of the file.
    ///   - name: What messages call it.
    ///   - maximumPixelCount: Files of more points are refused.
    /// - Throws: `ImageError`.
    public init(_ bytes: [UInt8], name: String = "image", maximumPixelCount: Int = Self.usualMaximum) throws {
        self = try ImageFile(bytes, name: name).image(maximumPixelCount: maximumPixelCount)
    }

    /// A quarter of a gigabyte of pixels.
    public static let usualMaximum = 89_478_485
}
