import Foundation
import Tapestry

/// Plain English sentences, and variations that carry words into them which they lack.
struct Corpus {
    /// Distinct sentences, as they were found.
    let sentences: [String]

    /// - Parameters:
    ///   - files: CSV files whose texts are taken; of a translation the English side.
    ///   - held: Texts to be evaluated on: none of them, in any spelling, stays in.
    init(files: [URL], without held: [String]) throws {
        var seen = Set(held.map(Self.plain))
        var sentences: [String] = []
        for file in files {
            for column in try Dataset(contentsOf: file).columns where column.name != "non_english" {
                for text in column.texts where seen.insert(Self.plain(text)).inserted { sentences.append(text) }
            }
        }
        self.sentences = sentences
    }

    /// The sentences, every word alone, and as many variations: a sentence with some words exchanged, the beginning of one
    /// before the end of another, or a phrase of a few words drawn at random.
    ///
    /// - Parameter words: Words to bring in, the frequent ones first, as they are drawn more often.
    func varied(words: [String], count: Int, seed: UInt64) -> [String] {
        var draw = Draw(seed: seed)
        func word() -> String { draw.chance(0.04) ? draw.number() : words[draw.index(of: words.count, favoringFirst: true)] }
        func sentence() -> [String] { sentences[draw.index(of: sentences.count)].split(separator: " ").map(String.init) }
        func variation() -> [String] {
            switch draw.index(of: 4) {
            case 0, 1:
                let share = draw.uniform() * 0.6
                return sentence().map { draw.chance(share) ? word() : $0 }
            case 2:
                let (first, second) = (sentence(), sentence())
                return first.prefix(draw.index(of: first.count + 1)) + second.suffix(draw.index(of: second.count) + 1)
            default:
                return (0...draw.index(of: 9)).map { _ in word() }
            }
        }
        return sentences + words + (0..<count).map { _ in variation().joined(separator: " ") }
    }

    /// Letters and digits in lower case: two spellings of a sentence are one.
    private static func plain(_ text: String) -> String {
        String(text.lowercased().unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil })
    }
}

/// Random draws of the few kinds that variations take.
private struct Draw {
    private var generator: MersenneTwister

    init(seed: UInt64) { generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed)) }

    /// From 0 up to 1.
    mutating func uniform() -> Double { Double(generator.next()) / 4_294_967_296 }
    mutating func chance(_ share: Double) -> Bool { uniform() < share }

    /// - Parameter favoringFirst: Whether small numbers come more often, with density 1 / √index.
    mutating func index(of count: Int, favoringFirst: Bool = false) -> Int {
        let x = uniform()
        return Int((favoringFirst ? x * x : x) * Double(count))
    }

    /// A small number, a large one, a year or a percentage.
    mutating func number() -> String {
        switch index(of: 4) {
        case 0: "\(index(of: 100))"
        case 1: "\(index(of: 10_000))"
        case 2: "\(1900 + index(of: 130))"
        default: "\(index(of: 1_000))%"
        }
    }
}
