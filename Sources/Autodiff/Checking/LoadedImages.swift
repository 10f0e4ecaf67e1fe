#if canImport(Runtime) && os(Linux)
    import CKernels
    import Runtime

    /// The program and its libraries, for names and lines of what is on the call stack.
    ///
    /// `ImageMap.capture()` looks for them in all files that are mapped into memory, models among them. It reads the list first and
    /// then what is mapped, so that it crashes where another thread lets go of a file in between. Here the loader tells of them, and a
    /// map is read back from that, in the form in which the standard library writes one.
    struct LoadedImages {
        struct Image: Equatable {
            let path: String
            let base, endOfText: UInt64
            let buildID: [UInt8]
        }

        private(set) var images: [Image] = []

        init() {
            withUnsafeMutablePointer(to: &images) { images in
                tap_each_image(
                    { context, image in
                        let image = image!.pointee
                        context!.assumingMemoryBound(to: [Image].self).pointee.append(
                            Image(
                                path: String(cString: image.path), base: image.base, endOfText: image.end_of_text,
                                buildID: Array(
                                    UnsafeBufferPointer(
                                        start: image.build_id, count: image.build_id == nil ? 0 : Int(image.build_id_length)))))
                    }, images)
            }
            images.sort { $0.base < $1.base }
        }

        /// The map of them, unless the standard library writes maps in another form by now.
        var map: ImageMap? {
            guard let map = try? ImageMap(from: TextDecoder(text: Self.base64(bytes))), map.count == images.count,
                zip(map, images).allSatisfy({ $0.path == $1.path && $0.baseAddress == Backtrace.Address($1.base) })
            else { return nil }
            return map
        }

        /// Version and size of a word; the platform's name; the number of images; and of each a byte with the lengths of its two numbers,
        /// where it begins, how far its text reaches, its identifier and its path, in pieces of less than 64 bytes.
        private var bytes: [UInt8] {
            var bytes: [UInt8] = [2]
            func append(count: Int) {
                let groups = max(1, (Int.bitWidth - count.leadingZeroBitCount + 6) / 7)
                for group in (0..<groups).reversed() { bytes.append(UInt8(count >> (7 * group) & 0x7F) | (group > 0 ? 0x80 : 0)) }
            }
            func append(number: UInt64) { bytes += withUnsafeBytes(of: number.bigEndian) { Array($0) } }
            append(count: 5)
            bytes += "Linux".utf8
            append(count: images.count)
            for image in images {
                bytes.append(7 << 3 | 7)
                append(number: image.base)
                append(number: image.endOfText - image.base)
                append(count: image.buildID.count)
                bytes += image.buildID
                var path = Array(image.path.utf8)[...]
                while !path.isEmpty {
                    let piece = path.prefix(63)
                    bytes.append(UInt8(piece.count))
                    bytes += piece
                    path = path.dropFirst(63)
                }
                bytes.append(0)
            }
            return bytes
        }

        private static func base64(_ bytes: [UInt8]) -> String {
            let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
            var text: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let part = bytes[start..<min(start + 3, bytes.count)]
                let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
                for place in 0..<4 { text.append(place <= part.count ? digits[word >> (18 - 6 * place) & 63] : UInt8(ascii: "=")) }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Gives what is read back one text.
    private struct TextDecoder: Decoder, SingleValueDecodingContainer {
        let text: String
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        private struct NoText: Error {}

        func singleValueContainer() -> any SingleValueDecodingContainer { self }
        func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> { throw NoText() }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NoText() }
        func decodeNil() -> Bool { false }
        func decode<T: Decodable>(_ type: T.Type) throws -> T {
            guard let text = text as? T else { throw NoText() }
            return text
        }
    }
#endif
