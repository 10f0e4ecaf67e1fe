import Foundation
import Images
import ModelFiles
import Testing

struct ImageTests {
    private func expected(_ name: String) throws -> Image {
        let file = try SafetensorsFile(contentsOf: fixture("figures.safetensors")), entry = try #require(file[name])
        return Image(width: entry.shape[1], height: entry.shape[0], pixels: file.withUnsafeBytes(of: entry) { Array($0) })
    }

    @Test(arguments: imageNames) func pixelsAreThoseOfTheReference(name: String) throws {
        let image = try Image(contentsOf: fixture("images/\(name)"))
        #expect(try image == expected("pixels/\(name)"))
    }

    @Test func everyKindOfFileIsThere() {
        #expect(imageNames.count == 26)
    }

    @Test(arguments: Resampling.allCases, [(12, 17), (7, 5), (30, 40), (23, 31), (64, 3)])
    func resizedPixelsAreThoseOfTheReference(filter: Resampling, size: (Int, Int)) throws {
        let image = try Image(contentsOf: fixture("images/rgb.png"))
        let resized = image.resized(width: size.0, height: size.1, by: filter)
        #expect(try resized == expected("resized/\(filter)/\(size.0)x\(size.1)"))
    }

    @Test func aPartIsThatOfTheWholeAndBlackOutside() throws {
        let image = try Image(contentsOf: fixture("images/rgb.png"))
        let whole = image.resized(width: 40, height: 60)
        let part = image.resized(width: 40, height: 60, columns: -3..<25, rows: 40..<70)
        #expect(part.width == 28 && part.height == 30)
        for y in 0..<30 {
            for x in 0..<28 {
                let place = 3 * (y * 28 + x), inside = x >= 3 && y < 20
                let color = inside ? Array(whole.pixels[3 * ((y + 40) * 40 + x - 3)..<3 * ((y + 40) * 40 + x - 2)]) : [0, 0, 0]
                #expect(Array(part.pixels[place..<place + 3]) == color, "\(x), \(y)")
            }
        }
        #expect(image.resized(width: 4, height: 4, columns: 9..<11, rows: 0..<2) == Image(width: 2, height: 2, red: 0, green: 0, blue: 0))
        // Rows beside the part are not needed, and cost nothing: of so tall an image only a few are ever made.
        let thin = Image(width: 1, height: 4000, red: 9, green: 80, blue: 200)
        let middle = thin.resized(width: 200, height: 800_000, columns: 0..<200, rows: 400_000..<400_002)
        #expect(middle == Image(width: 200, height: 2, red: 9, green: 80, blue: 200))
    }

    private func refusal(_ bytes: [UInt8], maximumPixelCount: Int = Image.usualMaximum) -> ImageError? {
        do {
            _ = try Image(bytes, name: "file", maximumPixelCount: maximumPixelCount)
            return nil
        } catch {
            return error as? ImageError
        }
    }

    private func content(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: fixture("images/\(name)"))) }

    @Test(arguments: [
        ([UInt8](), "is empty"), (Array("GIF89a".utf8), "GIF"), (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), "WebP"),
        (Array("hello".utf8), "no known"),
    ]) func otherFormatsAreNamed(bytes: [UInt8], word: String) {
        let error = refusal(bytes)
        #expect(error?.kind == .unsupported && error?.problem.contains(word) == true && error?.problem.contains("PNG and JPEG") == true)
    }

    @Test func largeAndMissingFilesAreRefused() throws {
        let large = refusal(try content("rgb.png"), maximumPixelCount: 700)
        #expect(large?.kind == .tooLarge && large?.description.contains("file: it has 23 × 31 points; at most 700") == true)
        #expect(refusal(try content("rgb.png"), maximumPixelCount: 713) == nil)
        // A header alone may say anything: 60,000 columns and rows, in 100 bytes.
        var png = try content("rgb.png")
        png.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        png.replaceSubrange(29..<33, with: checkSum(png[12..<29]))
        #expect(refusal(png)?.problem.contains("too short for the size") == true)
        var jpeg = try content("plain.jpg")
        let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(refusal(jpeg)?.problem.contains("too short for the size") == true)
        #expect(throws: ImageError.self) { try Image(contentsOf: fixture("images/none.png")) }
    }

    private func checkSum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let sum = ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
    }

    /// A file that is cut is refused, wherever that is; only what follows the last pixel may be missing.
    @Test(arguments: imageNames) func cutFilesAreRefused(name: String) throws {
        let whole = try content(name), image = try Image(whole)
        for count in 0..<whole.count {
            let cut = Array(whole[..<count])
            if let error = refusal(cut) {
                #expect(!error.problem.isEmpty)
            } else {
                #expect(count > whole.count - 24, "\(count) of \(whole.count) bytes are enough")
                let found = try Image(cut)
                #expect(found.width == image.width && found.height == image.height)
            }
        }
    }

    /// Each is an error or an image; none crashes, hangs, or takes more than its share of memory.
    @Test(arguments: imageNames) func damagedFilesAreErrorsOrImages(name: String) throws {
        let whole = try content(name)
        var state = UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) } & 0xFFFF) + 1
        func draw(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        var images = 0
        for _ in 0..<400 {
            var bytes = whole
            for _ in 0...draw(4) { bytes[draw(bytes.count)] = UInt8(draw(256)) }
            if draw(4) == 0 { bytes.removeSubrange(0..<0 + draw(3)) }
            if let image = try? Image(bytes, maximumPixelCount: 1_000_000) {
                images += 1
                #expect(image.pixels.count == 3 * image.width * image.height)
            }
        }
        #expect(images < 400)
    }
}
