/// A string that is compared byte by byte, as a key: two spellings of "é" are two keys.
public struct ExactKey: Hashable, Sendable {
    /// The text that is compared.
    public let text: String

    /// A key of a text.
    public init(_ text: String) { self.text = text }

    public static func == (lhs: ExactKey, rhs: ExactKey) -> Bool { lhs.text.isExactly(rhs.text) }

    /// Of the bytes alone: a string's own hash normalizes what is not ASCII, which takes several times longer.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// Whether the code points are the same; `==` takes canonically equivalent texts for equal.
    package func isExactly(_ other: String) -> Bool { utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) }
}
