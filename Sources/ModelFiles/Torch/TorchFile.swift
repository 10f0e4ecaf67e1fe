import Autodiff
import Foundation
import JSON
import Requirements

/// An open file of `torch.save` that holds a dictionary of tensors, such as `pytorch_model.bin`: the zip archive of today,
/// or the form from before PyTorch 1.6.
///
/// The pickle inside is read by a reader that knows tensors and nothing else, and never executes anything. Tensors are used
/// where they lie in the mapped file; only strided and compressed ones are copied.
public final class TorchFile: TensorFile {
    /// A tensor, by the place of its storage.
    struct View: Sendable {
        let storage: Int
        /// In elements.
        let offset: Int
        let strides: [Int]
    }

    /// The file.
    public let url: URL
    /// The tensors in the order of the dictionary.
    public let tensors: [TensorEntry]
    private let views: [View]
    private let places: [ExactKey: Int]
    private let storages: [FileContent]
    /// The storages whose check sums have been looked at: once, since tensors may write to them then.
    private let intact: Locked<Set<Int>> = Locked([])
    /// Tensors that have a storage to themselves may write to it.
    private let useCounts: [Int]

    /// A file may need so many times its size in memory.
    static let memoryFactor = 10

    /// Maps the file and reads its pickle. No tensor is read.
    ///
    /// - Throws: ``ModelFileError``: the file is cut or damaged, names something else than tensors, or its tensors do not
    ///   lie in their storages.
    public init(contentsOf url: URL) throws {
        self.url = url
        let mapping = try FileMapping(contentsOf: url, access: .copyOnWrite)
        let content = try TorchContent(mapping, file: url.path)
        let named = try content.namedTensors()
        var entries: [TensorEntry] = [], views: [View] = [], total = 0
        var useCounts = [Int](repeating: 0, count: content.unpickler.storages.count)
        for (name, tensor) in named {
            let (entry, view) = try content.checked(tensor, name)
            total += entry.dtype.byteCount * entry.count
            guard total <= Self.memoryFactor * max(mapping.bytes.count, 4096) else {
                throw ModelFileError(
                    .unsupported, file: url.path, place: "tensor \(quoted(name))",
                    problem: "the tensors up to this one have \(total) bytes, more than \(Self.memoryFactor) times those of the file")
            }
            entries.append(entry)
            views.append(view)
            useCounts[view.storage] += 1
        }
        storages = try content.storages(ofUses: useCounts)
        var places: [ExactKey: Int] = [:]
        for (place, entry) in entries.enumerated() { places[ExactKey(entry.name)] = place }
        (tensors, self.views, self.useCounts, self.places) = (entries, views, useCounts, places)
    }

    /// A tensor of the file: see ``TensorFile/tensor(_:isExclusive:)``.
    public func tensor(_ name: String, isExclusive: Bool = false) throws -> Tensor {
        let (entry, bytes, owner, isAlone) = try content(of: name)
        return try tensor(entry, at: bytes, owner: owner, isExclusive: isExclusive && isAlone)
    }

    /// A tensor of any type as it stands in the file, to be written elsewhere.
    ///
    /// - Throws: ``ModelFileError`` for a missing name.
    public func rawTensor(_ name: String) throws -> SafetensorsTensor {
        let (entry, bytes, owner, _) = try content(of: name)
        return SafetensorsTensor(name: name, dtype: entry.dtype, shape: entry.shape) { sink in
            try withExtendedLifetime(owner) { try sink(UnsafeRawBufferPointer(bytes)) }
        }
    }

    /// The elements in row-major order, who keeps them, and whether nobody else uses them.
    private func content(
        of name: String
    ) throws -> (entry: TensorEntry, bytes: UnsafeMutableRawBufferPointer, owner: AnyObject, isAlone: Bool) {
        guard let place = places[ExactKey(name)] else { throw missingTensor(name) }
        let entry = tensors[place], view = views[place], storage = storages[view.storage]
        try intact.withLock { intact in
            guard !intact.contains(view.storage) else { return }
            guard storage.isIntact else {
                throw ModelFileError(
                    .malformed, file: url.path, place: "tensor \(quoted(name))", problem: "its data are damaged: their check sum differs")
            }
            intact.insert(view.storage)
        }
        let first = storage.bytes.baseAddress! + view.offset * entry.dtype.byteCount, count = entry.count * entry.dtype.byteCount
        if Self.strides(of: entry.shape, areThoseOf: view.strides) {
            return (entry, UnsafeMutableRawBufferPointer(start: first, count: count), storage.owner, useCounts[view.storage] == 1)
        }
        let copy = OwnedBytes(count: count)
        Self.gather(from: UnsafeRawPointer(first), view.strides, entry.shape, elementSize: entry.dtype.byteCount, to: copy.bytes)
        return (entry, copy.bytes, copy, true)
    }

    /// Whether elements with these strides follow one another.
    private static func strides(of shape: [Int], areThoseOf strides: [Int]) -> Bool {
        guard !shape.contains(0) else { return true }
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size > 1 {
            guard stride == expected else { return false }
            expected *= size
        }
        return true
    }

    /// Writes elements in row-major order, whatever their strides are.
    private static func gather(
        from first: UnsafeRawPointer, _ strides: [Int], _ shape: [Int], elementSize: Int, to output: UnsafeMutableRawBufferPointer
    ) {
        let rows = shape.dropLast().reduce(1, *), width = shape.last ?? 1, step = (strides.last ?? 1) * elementSize
        var out = output.baseAddress!
        for row in 0..<rows {
            var (rest, offset) = (row, 0)
            for axis in shape.indices.dropLast().reversed() {
                offset += rest % shape[axis] * strides[axis]
                rest /= shape[axis]
            }
            var element = first + offset * elementSize
            for column in 0..<width {
                if column > 0 { element += step }
                out.copyMemory(from: element, byteCount: elementSize)
                out += elementSize
            }
        }
    }
}
