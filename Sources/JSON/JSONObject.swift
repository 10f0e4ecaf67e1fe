import Requirements

/// A JSON object that keeps the order of its keys.
///
/// Keys are compared byte by byte, as JSON readers elsewhere do: two spellings of "é" are two keys, although
/// Swift's own string comparison takes them for one.
public struct JSONObject: Sendable {
    /// Keys and values, in the order of the text.
    public private(set) var members: [(key: String, value: JSONValue)] = []
    /// Filled only above `linearLimit` members: most objects are so small that a scan is quicker.
    private var positions: [ExactKey: Int] = [:]
    private static let linearLimit = 8

    /// An object without members.
    public init() {}

    /// - Precondition: No key appears twice.
    public init(members: [(key: String, value: JSONValue)]) {
        for (key, value) in members {
            require(appendIfNew(key, value), "the key \(quoted(key)) appears twice")
        }
    }

    /// Number of members.
    public var count: Int { members.count }
    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }
    /// The keys, in the order of the text.
    public var keys: [String] { members.map(\.key) }

    /// Setting a new key appends it, setting nil removes the key.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Appends unless the key is there already.
    ///
    /// - Returns: False when the object holds the key already; it is then unchanged.
    public mutating func appendIfNew(_ key: String, _ value: JSONValue) -> Bool {
        guard position(of: key) == nil else { return false }
        append(key, value)
        return true
    }

    private func position(of key: String) -> Int? {
        if positions.isEmpty {
            return members.firstIndex { $0.key.isExactly(key) }
        }
        return positions[ExactKey(key)]
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        if members.isEmpty { members.reserveCapacity(4) }
        members.append((key, value))
        if !positions.isEmpty {
            positions[ExactKey(key)] = members.count - 1
        } else if members.count > Self.linearLimit {
            indexMembers()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        positions = [:]
        if members.count > Self.linearLimit { indexMembers() }
    }

    private mutating func indexMembers() {
        positions.reserveCapacity(members.count)
        for (position, member) in members.enumerated() { positions[ExactKey(member.key)] = position }
    }
}

extension JSONObject: Equatable {
    /// Two objects are equal when they hold the same keys with the same values, in any order.
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        lhs.count == rhs.count && lhs.members.allSatisfy { rhs[$0.key] == $0.value }
    }
}
