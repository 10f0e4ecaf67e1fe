import Autodiff
import Foundation
import Optimizers
import Options
import Tables

/// How much memory the process may use, and how many rows a step fit into that.
///
/// A process that takes more than its container allows is killed without a word: so sizes are found beforehand, from the peak
/// of trial steps that are small enough, over the longest rows.
struct MemoryLimit {
    /// In bytes; nil where there is none.
    let bytes: Int?
    /// Bytes for what the update rule remembers, by the bytes of the parameters.
    private let stateFactor: Int
    /// What a number of rows has to be a multiple of.
    private let multiple: Int
    /// The share that is used.
    private static let share = 0.95

    init(_ arguments: TrainingArguments) throws {
        bytes = arguments.maxMemory.map { Int($0 * 1e9) } ?? Self.containerLimit(at: "/sys/fs/cgroup")
        multiple = arguments.batchSampler == .groupByLabel ? 2 : 1
        stateFactor = try arguments.optim.rule(arguments: arguments.optimArgs).stateNames.count
    }

    /// What a control group allows, of either version; nil: no limit.
    static func containerLimit(at folder: String) -> Int? {
        for name in ["memory.max", "memory/memory.limit_in_bytes"] {
            guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else { continue }
            // The older version writes a huge number for no limit.
            return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { $0 < 1 << 60 ? $0 : nil }
        }
        return nil
    }

    /// Resident memory of this process, in bytes.
    static var resident: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// The largest number of rows a step, shrunk by a tenth at a time, with which every task stays within the limit.
    ///
    /// - Throws: ``TrainingArgumentError`` where not even the smallest batch does.
    func batchSize<Model>(
        for tasks: [TrainingTask<Model>], _ inputs: [ColumnInputs], _ model: Model, seed: UInt64, upTo wanted: Int
    ) throws -> Int {
        guard let bytes else { return wanted }
        let limit = Int(Double(bytes) * Self.share)
        let parameterBytes = model.parameters.reduce(0) { $0 + $1.count * 4 }
        CachingAllocator.trim()
        let base = Self.resident + stateFactor * parameterBytes
        var size = wanted
        for (task, inputs) in zip(tasks, inputs) {
            let rows = task.rowsByLength
            let least = max(1, task.objective.minimumRows)
            func cost(_ count: Int) throws -> Int {
                let rows = Array(rows.prefix(count))
                let batch = try model.batch(task.dataset, rows: rows, inputs: inputs)
                CachingAllocator.resetHighWaterMark()
                let before = CachingAllocator.statistics.bytesInUse
                _ = try task.objective.valueAndGradients(model, batch, key: RandomKey(seed), detectingAnomalies: false)
                let peak = CachingAllocator.statistics.highWaterMark - before
                CachingAllocator.trim()
                return peak
            }
            let small = min(max(least, size / 8), rows.count), middle = min(max(least, size / 4), rows.count)
            let (first, second) = (try cost(small), try cost(middle))
            let slope = middle > small ? Double(max(0, second - first)) / Double(middle - small) : Double(second) / Double(max(1, middle))
            func expected(_ count: Int) -> Int { base + second + Int(slope * Double(max(0, min(count, rows.count) - middle))) }
            // What is expected to fit is tried, too.
            func isTooLarge() throws -> Bool { try expected(size) > limit || (size > middle && base + cost(size) > limit) }
            while try size > least && isTooLarge() { size = size * 9 / 10 / multiple * multiple }
            guard size >= least, base + first <= limit else {
                throw TrainingArgumentError(
                    "auto_find_batch_size: not even \(small) rows a step stay within \(bytes / 1_000_000) MB: the process has "
                        + "\(Self.resident / 1_000_000) MB, the optimizer needs \(stateFactor * parameterBytes / 1_000_000) MB, and such a step "
                        + "\(first / 1_000_000) MB")
            }
        }
        return size
    }
}

extension TrainingTask {
    /// All rows, the longest first.
    fileprivate var rowsByLength: [Int] {
        let lengths = (0..<dataset.rowCount).map { row in
            dataset.columns.reduce(0) { $0 + ($1.hasTexts ? $1.texts.utf8Count(row) : 1) }
        }
        return lengths.indices.sorted { lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1 }
    }
}
