import JSON
import YAML

/// Which files of a dataset's repository make which split, by the front matter of its README or by their names.
struct DatasetFiles {
    /// The files of each split, in order.
    let splits: [(name: String, files: [String])]

    /// A subset as the front matter describes it.
    private struct Configuration {
        let name: String
        var isDefault = false
        var folder: String?
        /// Patterns by split; nil: by the files' names.
        var patterns: [(split: String, patterns: [String])]?
    }

    /// The file name extensions that are data.
    static let extensions = ["parquet", "arrow", "csv", "tsv", "jsonl", "ndjson", "json", "txt"]
    private static let compressions = ["gz", "zst"]

    /// - Parameters:
    ///   - paths: All files of the repository.
    ///   - readme: The text of its README; nil: it has none.
    ///   - subset: The name of a subset; nil: the one that is there, or the default one.
    ///   - repository: For messages.
    /// - Throws: `HubError` that names the subsets that there are.
    init(_ paths: [String], readme: String?, subset: String?, of repository: Repository) throws {
        func error(_ problem: String) -> HubError { HubError(.invalidArgument, repository.description, problem) }
        let configurations = try readme.map { try Self.configurations(of: $0, error) } ?? []
        let data = paths.filter { Self.isData($0) }.sorted()
        if configurations.isEmpty {
            splits = Self.byName(data, in: subset)
            guard !splits.isEmpty else {
                throw error(
                    subset.map { "there is no subset \($0.debugDescription): the README names none, and no folder of this name holds data" }
                        ?? "it has no data files; those that are read end in \(Self.extensions.joined(separator: ", "))")
            }
            return
        }
        let names = configurations.map(\.name)
        guard
            let chosen = subset.map({ name in configurations.first { $0.name == name } })
                ?? (configurations.count == 1 ? configurations[0] : configurations.first { $0.isDefault || $0.name == "default" })
        else {
            throw error(
                (subset.map { "there is no subset \($0.debugDescription)" } ?? "a subset has to be named") + "; there are "
                    + names.joined(separator: ", "))
        }
        guard let patterns = chosen.patterns else {
            splits = Self.byName(data, in: chosen.folder)
            guard !splits.isEmpty else { throw error("the subset \(chosen.name) has no data files") }
            return
        }
        let prefix = chosen.folder.map { $0 + "/" } ?? ""
        splits = try patterns.map { split, patterns in
            var found: [String] = []
            for pattern in patterns {
                let matcher = FilePattern(prefix + pattern, starsCrossSlashes: false)
                found += data.filter { matcher.matches($0) && !found.contains($0) }
            }
            guard !found.isEmpty else {
                throw error("no data file matches \(patterns.joined(separator: ", ")), which the README names for \(split)")
            }
            return (split, found)
        }
    }

    private static func isData(_ path: String) -> Bool {
        let components = path.split(separator: "/")
        guard !components.contains(where: { $0.hasPrefix(".") || $0.hasPrefix("__") }), let name = components.last else { return false }
        if ["config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"].contains(name) { return false }
        var parts = name.lowercased().split(separator: ".").dropFirst()
        if let last = parts.last, compressions.contains(String(last)) { parts.removeLast() }
        return parts.last.map { extensions.contains(String($0)) } ?? false
    }

    // MARK: Front matter

    /// `configs:` of the front matter: a list of subsets, each with the files of its splits.
    private static func configurations(of readme: String, _ error: (String) -> HubError) throws -> [Configuration] {
        guard let text = frontMatter(of: readme) else { return [] }
        let value: JSONValue
        do {
            value = try JSONValue(yaml: text)
        } catch let problem {
            throw error("the front matter of its README cannot be read: \(problem)")
        }
        guard case .object(let object) = value, let configs = object["configs"], configs != .null else { return [] }
        let place = "configs in the front matter of its README"
        guard case .array(let entries) = configs else { throw error("\(place): a list was expected") }
        return try entries.map { entry in
            guard case .object(let object) = entry, case .string(let name)? = object["config_name"].map({ $0.asText }) else {
                throw error("\(place): each needs a config_name")
            }
            var configuration = Configuration(name: name)
            configuration.isDefault = object["default"] == .bool(true)
            if case .string(let folder)? = object["data_dir"] { configuration.folder = trimmed(folder) }
            switch object["data_files"] {
            case nil, .null?: break
            case .string(let pattern)?: configuration.patterns = [("train", [pattern])]
            case .array(let elements)?:
                if let plain = strings(.array(elements)) {
                    configuration.patterns = [("train", plain)]
                } else {
                    configuration.patterns = try elements.map { element in
                        guard case .object(let file) = element, case .string(let split)? = file["split"].map({ $0.asText }),
                            let paths = strings(file["path"])
                        else { throw error("\(place), \(name): data_files lists a split and a path each") }
                        return (split, paths)
                    }
                }
            case let other?: throw error("\(place), \(name): data_files is \(other.kindName)")
            }
            return configuration
        }
    }

    /// What stands between the two lines of hyphens at the start of a text.
    static func frontMatter(of text: String) -> String? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.first?.trimmingPrefix("\u{FEFF}") == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return nil }
        return lines[1..<end].joined(separator: "\n")
    }

    private static func strings(_ value: JSONValue?) -> [String]? {
        switch value {
        case .string(let text): return [text]
        case .array(let elements):
            let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
            return texts.count == elements.count && !texts.isEmpty ? texts : nil
        default: return nil
        }
    }

    private static func trimmed(_ folder: String) -> String? {
        let parts = folder.split(separator: "/").filter { $0 != "." }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    // MARK: Names

    private static let keywords: [(split: String, words: [String])] = [
        ("train", ["train", "training"]), ("validation", ["validation", "valid", "dev", "val"]),
        ("test", ["test", "testing", "eval", "evaluation"]),
    ]

    /// Splits by the names of files or folders; all files are `train` where no name says anything.
    private static func byName(_ data: [String], in folder: String?) -> [(name: String, files: [String])] {
        let prefix = folder.map { $0 + "/" } ?? ""
        let inside = data.filter { $0.hasPrefix(prefix) }.map { (whole: $0, path: String($0.dropFirst(prefix.count))) }
        guard !inside.isEmpty else { return [] }
        // data/train-00000-of-00001….parquet: any name of a split.
        var shards: [(name: String, files: [String])] = []
        for (whole, path) in inside {
            guard let match = path.wholeMatch(of: #/data\/(\w+(?:\.\w+)*)-\d{5}-of-\d{5}[^\/]*\.[^\/]*/#) else { continue }
            let name = String(match.output.1)
            if let i = shards.firstIndex(where: { $0.name == name }) {
                shards[i].files.append(whole)
            } else {
                shards.append((name, [whole]))
            }
        }
        let usual = keywords.map(\.split)
        func rank(_ name: String) -> (Int, String) { (usual.firstIndex(of: name) ?? usual.count, name) }
        if !shards.isEmpty { return shards.sorted { rank($0.name) < rank($1.name) } }
        let ways: [(String) -> [String]] = [
            { word in
                ["**/\(word)/**", "**/\(word)[-._ 0-9]*/**", "**/*[-._ 0-9]\(word)/**", "**/*[-._ 0-9]\(word)[-._ 0-9]*/**"]
            },
            { word in ["**/\(word)[-._ 0-9]*", "**/*[-._ 0-9]\(word)[-._ 0-9]*"] },
        ]
        for patterns in ways {
            let found = keywords.compactMap { split, words -> (name: String, files: [String])? in
                let matchers = words.flatMap(patterns).map { FilePattern($0, starsCrossSlashes: false) }
                let files = inside.filter { file in matchers.contains { $0.matches(file.path) } }.map(\.whole)
                return files.isEmpty ? nil : (split, files)
            }
            if !found.isEmpty { return found }
        }
        return [("train", inside.map(\.whole))]
    }
}

extension JSONValue {
    /// A text, or a number as a text: YAML takes names such as 2024 for numbers.
    fileprivate var asText: JSONValue {
        switch self {
        case .integer, .number, .bool: .string(serialized(.compact))
        default: self
        }
    }
}
