import JSON

/// Tokens and their ids, found by a hash table over UTF-8 bytes.
///
/// Open addressing over a few flat arrays: filling it makes no object per token, and looking up a piece of a
/// text makes no string. Ids may have gaps.
struct Vocabulary: Sendable {
    /// A bound that keeps the arrays below in memory; far beyond any model.
    static let allowedIDs = 0..<(1 << 24)
    static let emptyHash: UInt64 = 0xCBF2_9CE4_8422_2325
    static let noPrefix: [UInt8] = []

    /// All tokens, end to end.
    private var bytes: [UInt8] = []
    /// Token with id i is `bytes[starts[i]..<ends[i]]`; -1 where there is no such id.
    private var starts: [Int32]
    private var ends: [Int32]
    /// Upper half: of the hash; lower half: id + 1; 0 is free.
    private var slots: [UInt64]
    private let mask: Int
    /// Number of tokens.
    private(set) var count = 0
    /// In bytes.
    private(set) var longestToken = 0

    /// FNV-1a over the bytes.
    @inline(__always)
    static func hash(_ hash: UInt64, adding byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    @inline(__always)
    static func hash(of text: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash = emptyHash
        for index in range { hash = Self.hash(hash, adding: text[index]) }
        return hash
    }

    @inline(__always)
    static func mixed(_ hash: UInt64) -> UInt64 {
        (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
    }

    /// - Parameters:
    ///   - largestID: Of all tokens that will be inserted; -1 for none.
    ///   - capacity: Number of tokens that will be inserted.
    private init(largestID: Int, capacity: Int) {
        starts = [Int32](repeating: -1, count: largestID + 1)
        ends = starts
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
        mask = size - 1
    }

    /// Why a token cannot be inserted.
    private enum Conflict {
        case sameID(String)
        case sameToken(Int, slot: Int)
    }

    /// From `model.vocab` of `tokenizer.json`: tokens with their ids, in any order.
    init(_ node: Node) throws {
        let members = try node.object().members
        var largest = -1
        for member in members {
            guard case .integer(let id) = member.value else {
                throw node.error("the id of \"\(member.key)\" is \(member.value.kindName), expected an integer")
            }
            guard Self.allowedIDs.contains(id) else {
                throw node.error("id \(id) of \"\(member.key)\" is out of range, ids are \(Self.allowedIDs)")
            }
            largest = Swift.max(largest, id)
        }
        self.init(largestID: largest, capacity: members.count)
        for member in members {
            guard case .integer(let id) = member.value else { continue }
            switch insert(member.key, id: id) {
            case .sameID(let other):
                throw node.error("\"\(other)\" and \"\(member.key)\" have the same id \(id)")
            case .sameToken(let other, _):
                throw node.error("\"\(member.key)\" stands there twice, with ids \(other) and \(id)")
            case nil: continue
            }
        }
    }

    /// Tokens by id; of a token that stands there twice the last id counts. At most as many as there are ids.
    init(pieces: [String]) {
        self.init(largestID: pieces.count - 1, capacity: pieces.count)
        for (id, piece) in pieces.enumerated() {
            guard case .sameToken(let other, let slot) = insert(piece, id: id) else { continue }
            (starts[id], ends[id]) = (starts[other], ends[other])
            slots[slot] = slots[slot] & 0xFFFF_FFFF_0000_0000 | UInt64(id + 1)
        }
    }

    /// The tokens with their ids, as `vocab.json` has them.
    var json: String {
        let tokens: [(key: String, value: JSONValue)] = (0..<idBound).compactMap { id in
            token(of: Int32(id)).map { ($0, .integer(id)) }
        }
        return JSONValue.object(JSONObject(members: tokens)).serialized(.compact) + "\n"
    }

    private mutating func insert(_ token: String, id: Int) -> Conflict? {
        guard starts[id] < 0 else { return .sameID(self.token(of: Int32(id)) ?? "") }
        let start = bytes.count
        bytes += token.utf8
        let key = Self.mixed(Self.hash(of: bytes, start..<bytes.count))
        var slot = Int(truncatingIfNeeded: key >> 32) & mask
        while slots[slot] != 0 {
            let other = Int(slots[slot] & 0xFFFF_FFFF) - 1
            if slots[slot] >> 32 == key >> 32,
                bytes[Int(starts[other])..<Int(ends[other])] == bytes[start..<bytes.count]
            {
                bytes.removeSubrange(start...)
                return .sameToken(other, slot: slot)
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = key & 0xFFFF_FFFF_0000_0000 | UInt64(id + 1)
        starts[id] = Int32(start)
        ends[id] = Int32(bytes.count)
        count += 1
        longestToken = Swift.max(longestToken, bytes.count - start)
        return nil
    }

    /// The largest id + 1.
    var idBound: Int { starts.count }

    /// The id of `prefix` followed by `text[range]`, whose hash is at hand.
    @inline(__always)
    func id(hash: UInt64, of prefix: [UInt8], _ text: [UInt8], _ range: Range<Int>) -> Int32? {
        let key = Self.mixed(hash)
        var slot = Int(truncatingIfNeeded: key >> 32) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return nil }
            if entry >> 32 == key >> 32 {
                let id = Int(entry & 0xFFFF_FFFF) - 1
                if isToken(id, prefix, text, range) { return Int32(id) }
            }
            slot = (slot + 1) & mask
        }
    }

    @inline(__always)
    private func isToken(_ id: Int, _ prefix: [UInt8], _ text: [UInt8], _ range: Range<Int>) -> Bool {
        var at = Int(starts[id])
        guard Int(ends[id]) - at == prefix.count + range.count else { return false }
        for byte in prefix {
            if bytes[at] != byte { return false }
            at += 1
        }
        for index in range {
            if bytes[at] != text[index] { return false }
            at += 1
        }
        return true
    }

    func id(of token: String) -> Int32? {
        let text = Array(token.utf8)
        return id(of: text, 0..<text.count)
    }

    /// The id of `text[range]`.
    func id(of text: [UInt8], _ range: Range<Int>) -> Int32? {
        id(hash: Self.hash(of: text, range), of: Self.noPrefix, text, range)
    }

    func token(of id: Int32) -> String? {
        guard starts.indices.contains(Int(id)), starts[Int(id)] >= 0 else { return nil }
        return String(decoding: bytes[Int(starts[Int(id)])..<Int(ends[Int(id)])], as: UTF8.self)
    }
}
