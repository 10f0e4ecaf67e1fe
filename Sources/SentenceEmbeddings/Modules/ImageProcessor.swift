import Autodiff
import Foundation
import Images
import JSON
import ModelFiles
import Requirements

/// What is done to an image before an encoder sees it: `preprocessor_config.json`, or that part of `processor_config.json`.
///
/// An image is brought to a size, its middle is cut out, and its numbers are scaled and shifted. Only what is left of it is computed.
public struct ImageProcessor: Sendable {
    /// The file of these settings.
    public static let fileName = "preprocessor_config.json"
    /// The file that newer models have instead, with the settings under `image_processor`.
    public static let newerFileName = "processor_config.json"

    /// The size that an image is brought to.
    public enum Size: Sendable, Equatable {
        /// The shorter side has so many points, and the other one goes along.
        case shortestEdge(Int)
        /// Columns and rows.
        case exactly(width: Int, height: Int)
    }

    /// Nil: the image keeps its size.
    public private(set) var size: Size? = .shortestEdge(224)
    /// How new points are made of old ones.
    public private(set) var resampling = Resampling.bicubic
    /// Columns and rows that are cut out of the middle, black where the image is smaller; nil: nothing is cut.
    public private(set) var crop: Size? = .exactly(width: 224, height: 224)
    /// What the numbers from 0 to 255 are multiplied by.
    public private(set) var rescaleFactor = 1 / 255.0
    /// For each color, what is subtracted then, and what the rest is divided by.
    public private(set) var mean = [0.48145466, 0.4578275, 0.40821073], standardDeviation = [0.26862954, 0.26130258, 0.27577711]
    /// Files by name, as they were read.
    private var files: [(name: String, content: JSONObject)] = []

    /// CLIP's, for images of so many columns and rows.
    public init(side: Int) {
        (size, crop) = (.shortestEdge(side), .exactly(width: side, height: side))
        let square: JSONValue = ["height": .integer(side), "width": .integer(side)]
        let content: JSONObject = [
            "crop_size": square, "do_center_crop": true, "do_convert_rgb": true, "do_normalize": true, "do_rescale": true,
            "do_resize": true,
            "image_mean": .array(mean.map { .real($0) }), "image_processor_type": "CLIPImageProcessor",
            "image_std": .array(standardDeviation.map { .real($0) }), "resample": .integer(resampling.rawValue),
            "rescale_factor": .real(rescaleFactor), "size": ["shortest_edge": .integer(side)],
        ]
        files = [(Self.fileName, content)]
    }

    /// Reads the settings of a folder; nil where it has none.
    ///
    /// - Throws: `ModelFileError` for settings that are not known here.
    public init?(folder: URL) throws {
        files = try [Self.newerFileName, Self.fileName].compactMap { name -> (name: String, content: JSONObject)? in
            do {
                return (name, try JSONFile.readObject(folder.appendingPathComponent(name)))
            } catch let error as ModelFileError where error.kind == .missing {
                return nil
            }
        }
        for (name, content) in files {
            var fields = JSONFields(content, file: folder.appendingPathComponent(name).path)
            if name == Self.fileName {
                try read(&fields)
                return
            }
            guard let part = try fields.object("image_processor") else { continue }
            fields = JSONFields(part, at: fields.place.member("image_processor"))
            try read(&fields)
            return
        }
        return nil
    }

    private mutating func read(_ fields: inout JSONFields) throws {
        let resizes = try fields.bool("do_resize") ?? true, crops = try fields.bool("do_center_crop") ?? true
        if let own = try Self.size("size", &fields) { size = own }
        if let own = try Self.size("crop_size", &fields) {
            if case .shortestEdge(let side) = own { crop = .exactly(width: side, height: side) } else { crop = own }
        }
        if !resizes { size = nil }
        if !crops { crop = nil }
        if let number = try fields.integer("resample", in: 0...5) {
            guard let known = Resampling(rawValue: number) else {
                throw fields.error("resample", "the nearest point, 0, is not supported; supported are 1 to 5", kind: .unsupported)
            }
            resampling = known
        }
        rescaleFactor = try fields.number("rescale_factor", in: -1e6...1e6) ?? rescaleFactor
        if try fields.bool("do_rescale") == false { rescaleFactor = 1 }
        mean = try Self.colors("image_mean", &fields) ?? mean
        standardDeviation = try Self.colors("image_std", &fields) ?? standardDeviation
        if let zero = standardDeviation.first(where: { $0 == 0 }) { throw fields.error("image_std", "nothing can be divided by \(zero)") }
        if try fields.bool("do_normalize") == false { (mean, standardDeviation) = ([0, 0, 0], [1, 1, 1]) }
    }

    /// A number, or an object of sides.
    private static func size(_ key: String, _ fields: inout JSONFields) throws -> Size? {
        let sides = 1...16384
        guard let node = fields.node(key) else { return nil }
        guard case .object(let object) = node.value else { return .shortestEdge(try node.integer(in: sides)) }
        var members = JSONFields(object, at: node.place)
        let shortest = try members.integer("shortest_edge", in: sides)
        if try members.integer("longest_edge", in: sides) != nil {
            throw members.error("longest_edge", "a limit of the longer side is not supported", kind: .unsupported)
        }
        if let shortest { return .shortestEdge(shortest) }
        return .exactly(width: try members.requiredInteger("width", in: sides), height: try members.requiredInteger("height", in: sides))
    }

    private static func colors(_ key: String, _ fields: inout JSONFields) throws -> [Double]? {
        guard let node = fields.node(key) else { return nil }
        let numbers = try node.elements().map { try $0.number(in: -1e6...1e6) }
        guard numbers.count == 3 else { throw node.error("three numbers were expected, but there are \(numbers.count)") }
        return numbers
    }

    /// Columns and rows of what becomes of any image; nil where these depend on the image.
    public var outputSize: (width: Int, height: Int)? {
        if case .exactly(let width, let height)? = crop ?? size { return (width, height) }
        return nil
    }

    /// What becomes of an image before its numbers are scaled.
    public func cropped(_ image: Image) -> Image {
        var (width, height) = (image.width, image.height)
        switch size {
        case .exactly(let columns, let rows)?: (width, height) = (columns, rows)
        case .shortestEdge(let side)?:
            let longer = Int(Double(side * max(width, height)) / Double(min(width, height)))
            (width, height) = width <= height ? (side, longer) : (longer, side)
        case nil: break
        }
        guard case .exactly(let columns, let rows)? = crop else { return image.resized(width: width, height: height, by: resampling) }
        // Halves are rounded down, below zero, too.
        let left = (width - columns) >> 1, top = (height - rows) >> 1
        return image.resized(width: width, height: height, by: resampling, columns: left..<left + columns, rows: top..<top + rows)
    }

    /// - Parameter images: At least one; all become of one size.
    /// - Returns: `[N, 3, rows, columns]`, float32: red, green, blue.
    public func callAsFunction(_ images: [Image]) -> Tensor {
        // Of each color, what becomes of each number.
        let tables = zip(mean, standardDeviation).map { mean, deviation in
            (0...255).map { (Float(Double($0) * rescaleFactor) - Float(mean)) / Float(deviation) }
        }
        let cropped = images.map(cropped)
        guard let first = cropped.first else { refuse("ImageProcessor: there is no image") }
        for image in cropped where (image.width, image.height) != (first.width, first.height) {
            refuse("ImageProcessor: images of \(first.width) × \(first.height) and \(image.width) × \(image.height) points fill no tensor")
        }
        let numbers = cropped.flatMap { image in
            (0..<3).flatMap { color in stride(from: color, to: image.pixels.count, by: 3).map { tables[color][Int(image.pixels[$0])] } }
        }
        return Tensor(scalars: numbers, shape: [images.count, 3, first.height, first.width])
    }

    /// Writes the settings into a folder that exists, under the name that they were read by.
    ///
    /// - Throws: `ModelFileError` when a file cannot be written.
    public func save(to folder: URL) throws {
        for (name, content) in files {
            try JSONFile.write(
                .object(content), to: folder.appendingPathComponent(name), style: JSONStyle(indentation: 2, sortsKeys: true))
        }
    }
}
