extension FileValues {
    /// Values of several parts, one after another; nil where their types differ. Integers beside reals are reals.
    static func joined(_ parts: [FileValues]) -> FileValues? {
        guard parts.count != 1 else { return parts[0] }
        let counts = parts.map(\.count), count = counts.reduce(0, +)
        // Parts of nulls alone are of any type.
        let typed = parts.filter { if case .none = $0.content { false } else { true } }
        guard let first = typed.first else { return FileValues(.none(count: count)) }
        var nulls: [Bool]?
        if parts.contains(where: { $0.nullCount > 0 }) {
            nulls = []
            nulls!.reserveCapacity(count)
            for (part, count) in zip(parts, counts) {
                if case .none = part.content {
                    nulls! += repeatElement(true, count: count)
                } else {
                    nulls! += part.nulls ?? Array(repeating: false, count: count)
                }
            }
        }
        /// Appends the parts that `values` takes; a part of nulls has a filler.
        func gather<Value>(_ filler: Value, _ values: (Content) -> [Value]?) -> [Value]? {
            var result: [Value] = []
            result.reserveCapacity(count)
            for (part, count) in zip(parts, counts) {
                if case .none = part.content {
                    result += repeatElement(filler, count: count)
                } else if let values = values(part.content) {
                    result += values
                } else {
                    return nil
                }
            }
            return result
        }
        func gatherTexts(_ values: (Content) -> TextColumn?) -> TextColumn? {
            var columns: [TextColumn] = []
            for (part, count) in zip(parts, counts) {
                if case .none = part.content {
                    columns.append(TextColumn(repeatElement("", count: count)))
                } else if let texts = values(part.content) {
                    columns.append(texts)
                } else {
                    return nil
                }
            }
            return .joined(columns)
        }
        let content: Content?
        switch first.content {
        case .texts: content = gatherTexts { if case .texts(let values) = $0 { values } else { nil } }.map { .texts($0) }
        case .fields: content = gatherTexts { if case .fields(let values) = $0 { values } else { nil } }.map { .fields($0) }
        case .booleans: content = gather(false) { if case .booleans(let values) = $0 { values } else { nil } }.map { .booleans($0) }
        case .decimals: content = gather("0") { if case .decimals(let values) = $0 { values } else { nil } }.map { .decimals($0) }
        case .others(_, let kind):
            content = gather("") { if case .others(let values, kind) = $0 { values } else { nil } }.map { .others($0, kind: kind) }
        case .integers, .reals:
            if let integers = gather(0, { if case .integers(let values) = $0 { values } else { nil } }) {
                content = .integers(integers)
            } else {
                content = gather(0) {
                    switch $0 {
                    case .integers(let values): values.map { Double($0) }
                    case .reals(let values): values
                    default: nil
                    }
                }.map { .reals($0) }
            }
        case .lists: content = joinedLists(parts, counts)
        case .structures(let fields, _):
            var joined: [(name: String, values: FileValues)] = []
            for (index, field) in fields.enumerated() {
                var inner: [FileValues] = []
                for (part, count) in zip(parts, counts) {
                    switch part.content {
                    case .none: inner.append(FileValues(.none(count: count)))
                    case .structures(let others, _) where others.map(\.name) == fields.map(\.name): inner.append(others[index].values)
                    default: return nil
                    }
                }
                guard let values = Self.joined(inner) else { return nil }
                joined.append((field.name, values))
            }
            content = .structures(joined, count: count)
        case .mixed:
            var builder = JSONColumnBuilder(name: "")
            for part in parts { for index in 0..<part.count { builder.append(part.json(at: index)) } }
            return builder.values
        case .none: content = .none(count: count)
        }
        return content.map { FileValues($0, nulls: nulls) }
    }

    private static func joinedLists(_ parts: [FileValues], _ counts: [Int]) -> Content? {
        var offsets = [0], inner: [FileValues] = []
        for (part, count) in zip(parts, counts) {
            switch part.content {
            case .none: offsets += repeatElement(offsets.last!, count: count)
            case .lists(let others, let elements):
                // Lists need not begin at the first element.
                let start = offsets.last! - others[0]
                offsets += others.dropFirst().lazy.map { $0 + start }
                let used = others[0]..<others.last!
                inner.append(used == 0..<elements.count ? elements : elements.selecting(Array(used)))
            default: return nil
            }
        }
        // Lists that are all empty are of any type.
        let filled = inner.filter { $0.count > 0 }
        if filled.isEmpty { return .lists(offsets: offsets, inner.first ?? FileValues(.none(count: 0))) }
        return joined(filled).map { .lists(offsets: offsets, $0) }
    }
}
