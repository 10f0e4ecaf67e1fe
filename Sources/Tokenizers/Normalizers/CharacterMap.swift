import Foundation
import JSON

/// SentencePiece's compiled table of characters and what they become: `Precompiled` of `tokenizer.json`.
///
/// The table is a tree of bytes in one array, and the replacements behind it, each ended by a zero. Asked for are whole grapheme
/// clusters of less than six bytes, of which the shortest beginning that is in the table counts, and then single characters.
struct CharacterMap: Normalizer {
    private let units: [UInt32]
    private let replacements: [UInt8]
    /// Where the replacement of each ASCII character begins; -1 where it stays.
    private let ascii: [Int]
    private static let longestCluster = 5

    init(_ node: Node) throws {
        let text = try node.required("precompiled_charsmap")
        guard let data = Data(base64Encoded: try text.string()) else { throw text.mismatch("Base64") }
        do {
            try self.init(bytes: [UInt8](data))
        } catch {
            throw text.error(error.problem)
        }
    }

    struct Problem: Error {
        let problem: String
    }

    init(bytes: [UInt8]) throws(Problem) {
        func number(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) } }
        guard bytes.count >= 4 else { throw Problem(problem: "the character map has \(bytes.count) bytes, expected 4 or more") }
        let size = Int(number(0))
        guard size % 4 == 0, size <= bytes.count - 4 else {
            throw Problem(problem: "the character map says its tree has \(size) bytes, \(bytes.count - 4) are there")
        }
        replacements = Array(bytes[(4 + size)...])
        guard String(validating: replacements, as: UTF8.self) != nil else {
            throw Problem(problem: "the replacements of the character map are not UTF-8")
        }
        units = (0..<size / 4).map { number(4 + 4 * $0) }
        var ascii = [Int](repeating: -1, count: 128)
        for byte in 0..<128 { ascii[byte] = Self.replacement(of: [UInt8(byte)][...], units, replacements) ?? -1 }
        self.ascii = ascii
    }

    /// Where the replacement of the shortest beginning of `key` in the tree starts.
    private static func replacement(of key: ArraySlice<UInt8>, _ units: [UInt32], _ replacements: [UInt8]) -> Int? {
        guard let root = units.first else { return nil }
        func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << (unit >> 6 & 8)) }
        var place = offset(root)
        for byte in key {
            if byte == 0 { return nil }
            place ^= Int(byte)
            guard place < units.count, units[place] & 0x8000_00FF == UInt32(byte) else { return nil }
            let unit = units[place]
            place ^= offset(unit)
            guard unit >> 8 & 1 == 1 else { continue }
            guard place < units.count else { return nil }
            let start = Int(units[place] & 0x7FFF_FFFF)
            // Nothing that would cut a character in two.
            guard start < replacements.count, replacements[start] & 0xC0 != 0x80 else { return nil }
            return start
        }
        return nil
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        var position = range.lowerBound
        var changes = CharacterChanges()
        while position < range.upperBound {
            let byte = text[position]
            let next = position + 1 < range.upperBound ? text[position + 1] : 0
            if byte < 0x80, next < 0x80, byte != 0xD || next != 0xA {
                let found = ascii[Int(byte)]
                if found < 0, !output.isTraced {
                    output.bytes.append(byte)
                } else {
                    write(found < 0 ? nil : found, for: text[position...position], &changes, into: &output)
                }
                position += 1
                continue
            }
            let end = GraphemeClusters.shared.end(of: text, position..<range.upperBound)
            if end - position <= Self.longestCluster,
                let found = Self.replacement(of: text[position..<end], units, replacements)
            {
                write(found, for: text[position..<end], &changes, into: &output)
                position = end
            }
            while position < end {
                let start = position
                _ = text.scalar(at: &position)
                let character = text[start..<position]
                write(Self.replacement(of: character, units, replacements), for: character, &changes, into: &output)
            }
        }
        output.trace(changes, in: text, range)
    }

    /// - Parameter replacement: Where it starts; nil for what stays as it is.
    private func write(
        _ replacement: Int?, for text: ArraySlice<UInt8>, _ changes: inout CharacterChanges, into output: inout RewrittenText
    ) {
        let start = output.bytes.count
        if let replacement {
            let end = replacements[replacement...].firstIndex(of: 0) ?? replacements.count
            output.bytes += replacements[replacement..<end]
        } else {
            output.bytes += text
        }
        if output.isTraced { changes.replace(text.count { $0 & 0xC0 != 0x80 }, by: output.bytes[start...]) }
    }
}
