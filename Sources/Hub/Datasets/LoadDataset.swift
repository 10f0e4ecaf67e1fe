import Foundation
import Tables

/// Loads a dataset of the hub: its data files go into the cache, and are read from there.
///
/// ```swift
/// let train = try loadDataset("sentence-transformers/all-nli", "triplet", split: "train[:10000]")
/// ```
///
/// Which files make a split is what `configs:` in the front matter of the repository's README says, or else the names of
/// files and folders.
///
/// - Parameters:
///   - id: `owner/name`.
///   - subset: One of the dataset's subsets, or a folder of it; nil: the only one, or the default.
///   - split: `train`, or rows of it: `train[:1000]`, `train[10%:20%]`, `train[-100:]`; several are joined by `+`.
///   - revision: A branch, a tag or a commit.
///   - token: Goes before `HF_TOKEN`.
///   - cacheFolder: Goes before `HF_HUB_CACHE`.
///   - localFilesOnly: Asks nobody: what is not in the cache is missing.
/// - Throws: `HubError` for what cannot be fetched, `DatasetError` for files that cannot be read, or a split that is none.
public func loadDataset(
    _ id: String, _ subset: String? = nil, split: String = "train", revision: String = "main", token: String? = nil,
    cacheFolder: String? = nil, localFilesOnly: Bool = false
) throws -> Dataset {
    let settings = try HubSettings(token: token, cacheFolder: cacheFolder, localFilesOnly: localFilesOnly)
    return try HubClient(settings).loadDataset(id, subset, split: split, revision: revision)
}

extension HubClient {
    /// The same with a client's settings.
    ///
    /// - Parameters:
    ///   - id: `owner/name`.
    ///   - subset: One of the dataset's subsets, or a folder of it; nil: the only one, or the default.
    ///   - split: `train`, or rows of it.
    ///   - revision: A branch, a tag or a commit.
    /// - Throws: `HubError`, `DatasetError`.
    public func loadDataset(
        _ id: String, _ subset: String? = nil, split: String = "train", revision: String = "main"
    ) throws -> Dataset {
        let repository = try Repository(id, kind: .dataset)
        let selection = try SplitSelection(split)
        let snapshot = try snapshotOrCached(of: repository, revision: revision)
        guard let paths = snapshot.files?.map(\.path) else {
            throw HubError(
                .notCached, repository.description, "the cache has no list of its files; load it once while the hub can be asked")
        }
        var readme: String?
        if paths.contains("README.md") {
            let folder = try fetch(snapshot, of: repository, revision: revision) { $0 == "README.md" }
            readme = try? String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        }
        let splits = try DatasetFiles(paths, readme: readme, subset: subset, of: repository).splits
        let parts = try selection.parts.map { part in
            guard let files = splits.first(where: { $0.name == part.split })?.files else {
                throw HubError(
                    .invalidArgument, repository.description,
                    "there is no split \(part.split.debugDescription); there are " + splits.map(\.name).joined(separator: ", "))
            }
            return (part, files)
        }
        let wanted = Set(parts.flatMap(\.1))
        let folder = try fetch(snapshot, of: repository, revision: revision) { wanted.contains($0) }
        let datasets = try parts.map { part, files in
            let whole = try Dataset.concatenate(files.map { try Dataset(contentsOf: folder.appendingPathComponent($0)) })
            if part.isWhole { return whole }
            let rows = part.rows(of: whole.rowCount)
            guard !rows.isEmpty else {
                throw DatasetError(
                    "split \(split.debugDescription): no row of \(whole.rowCount) is in this part", source: repository.description)
            }
            return whole.select(Array(rows))
        }
        return try Dataset.concatenate(datasets)
    }
}
