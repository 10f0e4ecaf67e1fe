/// A text by its code points, as the key of a dictionary.
///
/// `String` takes canonically equivalent texts for equal, é as one code point and as two; to a vocabulary they
/// are different tokens.
struct ExactText: Hashable, Sendable {
    let utf8: [UInt8]

    init(_ text: String) {
        utf8 = Array(text.utf8)
    }

    init(_ bytes: ArraySlice<UInt8>) {
        utf8 = Array(bytes)
    }

    var string: String { String(decoding: utf8, as: UTF8.self) }
}

extension String {
    /// Whether the code points are the same.
    func isExactly(_ other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
