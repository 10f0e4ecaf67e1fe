/// What a model of SentencePiece says, as far as it bears on tokens.
struct SentencePieceFile: Sendable {
    enum Kind: UInt64 {
        case unigram = 1
        case bytePairs = 2
        case words = 3
        case characters = 4
    }

    enum PieceKind: UInt64 {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6
    }

    struct Piece {
        var text = ""
        var score: Float = 0
        var kind = PieceKind.normal
    }

    private(set) var pieces: [Piece] = []
    private(set) var kind = Kind.unigram
    private(set) var hasByteFallback = false
    private(set) var unknownID = 0
    private(set) var unknownPiece = "<unk>"
    private(set) var characterMap: [UInt8] = []
    private(set) var addsDummyPrefix = true
    private(set) var removesExtraBlanks = true
    private(set) var escapesBlanks = true

    private let file: String
    private let bytes: [UInt8]

    init(_ bytes: [UInt8], file: String) throws {
        self.file = file
        self.bytes = bytes
        var hasTrainer = false, hasNormalizer = false
        try read(0..<bytes.count, "the file") { file, field, value in
            switch (field, value) {
            case (1, .bytes(let range)): try file.readPiece(range)
            case (2, .bytes(let range)):
                hasTrainer = true
                try file.readTrainer(range)
            case (3, .bytes(let range)):
                hasNormalizer = true
                try file.readNormalizer(range)
            default: break
            }
        }
        guard !pieces.isEmpty else { throw error("the file has no pieces; it is no model of SentencePiece, or is cut off") }
        guard hasTrainer else { throw error("the file has no trainer_spec behind its pieces: it seems to be cut off") }
        guard hasNormalizer else { throw error("the file has no normalizer_spec behind its trainer_spec: it seems to be cut off") }
        guard pieces.indices.contains(unknownID) else {
            throw error("unk_id of trainer_spec is \(unknownID), the file has \(pieces.count) pieces", at: "trainer_spec")
        }
        guard pieces.count < Vocabulary.allowedIDs.upperBound else { throw error("\(pieces.count) pieces are too many") }
    }

    private func error(_ problem: String, at key: String? = nil) -> TokenizerError {
        TokenizerError(file: file, key: key, problem: problem)
    }

    private mutating func read(
        _ range: Range<Int>, _ name: String, _ body: (inout Self, UInt64, ProtobufReader.Value) throws -> Void
    ) throws {
        var reader = ProtobufReader(bytes, range)
        while true {
            let field: (field: UInt64, value: ProtobufReader.Value)?
            do {
                field = try reader.next()
            } catch {
                throw self.error("\(name) is no model of SentencePiece, or is cut off: \(error.text)")
            }
            guard let field else { return }
            try body(&self, field.field, field.value)
        }
    }

    private func text(_ range: Range<Int>, _ key: String) throws -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw error("the text is not UTF-8", at: key) }
        return text
    }

    private mutating func readPiece(_ range: Range<Int>) throws {
        let key = "pieces[\(pieces.count)]"
        var piece = Piece()
        try read(range, key) { file, field, value in
            switch (field, value) {
            case (1, .bytes(let range)): piece.text = try file.text(range, key)
            case (2, .fixed32(let bits)):
                piece.score = Float(bitPattern: bits)
                guard piece.score.isFinite else { throw file.error("the score is \(piece.score)", at: key) }
            case (3, .integer(let number)):
                guard let kind = PieceKind(rawValue: number) else { throw file.error("pieces have no type \(number)", at: key) }
                piece.kind = kind
            default: break
            }
        }
        pieces.append(piece)
    }

    private mutating func readTrainer(_ range: Range<Int>) throws {
        try read(range, "trainer_spec") { file, field, value in
            switch (field, value) {
            case (3, .integer(let number)):
                guard let kind = Kind(rawValue: number) else { throw file.error("models have no type \(number)", at: "trainer_spec") }
                file.kind = kind
            case (35, .integer(let flag)): file.hasByteFallback = flag != 0
            case (40, .integer(let id)): file.unknownID = Int(truncatingIfNeeded: id)
            case (45, .bytes(let range)): file.unknownPiece = try file.text(range, "trainer_spec")
            default: break
            }
        }
    }

    private mutating func readNormalizer(_ range: Range<Int>) throws {
        try read(range, "normalizer_spec") { file, field, value in
            switch (field, value) {
            case (2, .bytes(let range)): file.characterMap = Array(file.bytes[range])
            case (3, .integer(let flag)): file.addsDummyPrefix = flag != 0
            case (4, .integer(let flag)): file.removesExtraBlanks = flag != 0
            case (5, .integer(let flag)): file.escapesBlanks = flag != 0
            default: break
            }
        }
    }
}
