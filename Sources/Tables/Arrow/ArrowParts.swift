/// The values of a column, batch after batch. Texts are gathered at once, so that there may be more of them than memory holds.
struct ArrowParts {
    private var parts: [FileValues] = []
    private var texts = TextBuilder()
    /// Empty until the first null.
    private var nulls: [Bool] = []

    mutating func append(_ values: FileValues) {
        guard case .texts(let column) = values.content, parts.isEmpty else {
            parts.append(values)
            return
        }
        if values.nulls != nil || !nulls.isEmpty {
            nulls += repeatElement(false, count: texts.count - nulls.count)
            nulls += values.nulls ?? Array(repeating: false, count: column.count)
        }
        texts.append(contentsOf: column)
    }

    /// All of them; nil where they have several types.
    var values: FileValues? {
        guard texts.count > 0 else { return .joined(parts) }
        return .joined([FileValues(.texts(texts.column), nulls: nulls.isEmpty ? nil : nulls)] + parts)
    }
}
