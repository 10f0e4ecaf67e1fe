/// A pattern of paths.
///
/// As shells have it: `?` is any character, `[abc]` and `[a-z]` one of those, `[!abc]` none of those, `*` any number of
/// characters.
package struct FilePattern: Sendable {
    private enum Item: Sendable {
        case literal(Character)
        case one
        case set([ClosedRange<Character>], negated: Bool)
        /// Any number of characters; `crossing`: slashes, too.
        case many(crossing: Bool)
        /// `**/`: any number of folders, or none.
        case folders
    }

    private let items: [Item]

    /// - Parameters:
    ///   - pattern: The pattern; one that ends in a slash means all that is in the folder.
    ///   - starsCrossSlashes: Whether `*` stands for slashes, too, as in lists of files to download. Otherwise only `**` does,
    ///     as in lists of a dataset's files.
    package init(_ pattern: String, starsCrossSlashes: Bool) {
        let characters = Array(pattern + (pattern.hasSuffix("/") ? (starsCrossSlashes ? "*" : "**") : ""))
        var (items, i): ([Item], Int) = ([], 0)
        while i < characters.count {
            let character = characters[i]
            i += 1
            switch character {
            case "?": items.append(.one)
            case "*":
                let isDouble = i < characters.count && characters[i] == "*"
                while i < characters.count, characters[i] == "*" { i += 1 }
                if isDouble, !starsCrossSlashes, i < characters.count, characters[i] == "/" {
                    i += 1
                    items.append(.folders)
                } else {
                    items.append(.many(crossing: starsCrossSlashes || isDouble))
                }
            case "[":
                let first = i < characters.count && (characters[i] == "!" || characters[i] == "^") ? i + 1 : i
                guard first < characters.count, let end = characters[(first + 1)...].firstIndex(of: "]") else {
                    items.append(.literal("["))
                    continue
                }
                var (ranges, j): ([ClosedRange<Character>], Int) = ([], first)
                while j < end {
                    if j + 2 < end, characters[j + 1] == "-", characters[j] <= characters[j + 2] {
                        ranges.append(characters[j]...characters[j + 2])
                        j += 3
                    } else {
                        ranges.append(characters[j]...characters[j])
                        j += 1
                    }
                }
                items.append(.set(ranges, negated: first != i))
                i = end + 1
            default: items.append(.literal(character))
            }
        }
        self.items = items
    }

    /// Whether a path is one that the pattern means.
    package func matches(_ path: String) -> Bool {
        let path = Array(path)
        // reached[j]: the items so far can stand for the first j characters.
        var reached = [true] + Array(repeating: false, count: path.count)
        for item in items {
            var next = Array(repeating: false, count: path.count + 1)
            for j in 0...path.count {
                switch item {
                case .literal(let character): if j > 0, reached[j - 1], path[j - 1] == character { next[j] = true }
                case .one: if j > 0, reached[j - 1], path[j - 1] != "/" { next[j] = true }
                case .set(let ranges, let negated):
                    if j > 0, reached[j - 1], ranges.contains(where: { $0.contains(path[j - 1]) }) != negated { next[j] = true }
                case .many(let crossing):
                    if reached[j] || j > 0 && next[j - 1] && (crossing || path[j - 1] != "/") { next[j] = true }
                case .folders: break
                }
            }
            if case .folders = item {
                var hasStart = false
                for j in 0...path.count {
                    // Here, or after any slash that comes later.
                    if reached[j] || hasStart && path[j - 1] == "/" { next[j] = true }
                    hasStart = hasStart || reached[j]
                }
            }
            reached = next
        }
        return reached[path.count]
    }
}
