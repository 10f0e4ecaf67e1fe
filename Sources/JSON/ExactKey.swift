/// A string that is compared byte by byte, as a key: two spellings of "é" are two keys.
public struct ExactKey: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func == (lhs: ExactKey, rhs: ExactKey) -> Bool { lhs.text.isExactly(rhs.text) }

    /// Strings of equal bytes have equal hashes; canonically equal ones merely collide.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension String {
    /// Whether the code points are the same; `==` takes canonically equivalent texts for equal.
    package func isExactly(_ other: String) -> Bool { utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) }
}
