import Foundation
import JSON

/// What a file of `torch.save` holds, in either of its forms: the pickle, and where the storages lie.
struct TorchContent {
    let unpickler: Unpickler
    private let mapping: FileMapping
    private let file: String
    private let value: Unpickler.Value
    /// Of the archive; nil in the older form.
    private let archive: (files: ZipArchive, root: String)?
    /// Where the storages' data begin, by their keys, in the older form.
    private let places: [String: Range<Int>]

    /// What the older form begins with: a pickle of one number.
    private static let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, UInt8(ascii: ".")]

    init(_ mapping: FileMapping, file: String) throws {
        (self.mapping, self.file) = (mapping, file)
        let bytes = mapping.bytes
        if ZipArchive.isArchive(bytes) {
            (archive, unpickler, value) = try Self.readArchive(mapping, file)
            places = [:]
        } else if bytes.count > 15, bytes[0] == 0x80, bytes[2..<15].elementsEqual(Self.magic) {
            archive = nil
            (unpickler, value, places) = try Self.readOlder(bytes, file, mapping)
        } else {
            throw Self.foreign(bytes, file)
        }
    }

    private static func foreign(_ bytes: UnsafeRawBufferPointer, _ file: String) -> ModelFileError {
        let beginning = bytes.prefix(512)
        if beginning.starts(with: Array("version https://git-lfs".utf8)) {
            return ModelFileError(
                .malformed, file: file, problem: "this is only a pointer of Git LFS to the weights; `git lfs pull` fetches them")
        }
        if beginning.count > 262, beginning[257..<262].elementsEqual(Array("ustar".utf8)) {
            return ModelFileError(
                .unsupported, file: file, problem: "this is the tar file of PyTorch before 0.1.10; save it again by a newer PyTorch")
        }
        return ModelFileError(
            .malformed, file: file, problem: "this is no file of torch.save: it begins neither as a zip archive nor as its older form")
    }

    private static func bigEndian(_ file: String) -> ModelFileError {
        ModelFileError(
            .unsupported, file: file, problem: "its numbers have the most significant byte first; only little-endian files can be read")
    }

    // MARK: The archive

    private static func readArchive(
        _ mapping: FileMapping, _ file: String
    ) throws -> ((files: ZipArchive, root: String), Unpickler, Unpickler.Value) {
        let archive = try ZipArchive(mapping, file: file)
        func error(_ problem: String, _ kind: ModelFileError.Kind = .malformed) -> ModelFileError {
            ModelFileError(kind, file: file, place: "zip archive", problem: problem)
        }
        let pickles = archive.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
        guard let name = pickles.first, pickles.count == 1 else {
            throw error("there \(pickles.isEmpty ? "is no" : "are \(pickles.count) files") data.pkl in it: it is no file of torch.save")
        }
        let root = String(name.dropLast("data.pkl".count))
        guard archive.entries[root + "constants.pkl"] == nil else {
            throw error("it is a program of TorchScript; save the model's state_dict() in its place", .unsupported)
        }
        // What is only compressed well may not fill the memory.
        let size = archive.entries.values.reduce(0) { $0.addingReportingOverflow($1.size).partialValue }
        guard size <= TorchFile.memoryFactor * max(mapping.bytes.count, 4096), size >= 0 else {
            throw error("its files have \(size) bytes, more than \(TorchFile.memoryFactor) times those of the archive", .unsupported)
        }
        if archive.entries[root + "byteorder"] != nil {
            let order = try archive.checkedContent(of: root + "byteorder")
            let isLittle = withExtendedLifetime(order.owner) { order.bytes.elementsEqual(Array("little".utf8)) }
            guard isLittle else { throw bigEndian(file) }
        }
        let pickle = try archive.checkedContent(of: name)
        var unpickler = Unpickler(
            UnsafeRawBufferPointer(pickle.bytes), file: file, what: "data.pkl", fileSize: mapping.bytes.count, owner: pickle.owner)
        let value = try unpickler.load()
        return ((archive, root), unpickler, value)
    }

    // MARK: The older form

    private static func readOlder(
        _ bytes: UnsafeRawBufferPointer, _ file: String, _ mapping: FileMapping
    ) throws -> (Unpickler, Unpickler.Value, [String: Range<Int>]) {
        var unpickler = Unpickler(bytes, from: 15, file: file, what: "pickle", fileSize: bytes.count, owner: mapping)
        guard case .integer(1001) = try unpickler.load() else {
            throw unpickler.error("the version of the format is not 1001", kind: .unsupported)
        }
        let description = try unpickler.load()
        let system = try unpickler.elements(description, .dictionary, expected: "a dictionary of the system")
        for place in stride(from: 0, to: system.count, by: 2) {
            if case .text = system[place], try unpickler.text(system[place], "a key") == "little_endian",
                case .bool(false) = system[place + 1]
            {
                throw bigEndian(file)
            }
        }
        let value = try unpickler.load()
        let list = try unpickler.load()
        let keys = try unpickler.elements(list, .list, expected: "a list of storages")
        let types = Dictionary(unpickler.storages.map { ($0.key, $0) }) { first, _ in first }
        var places: [String: Range<Int>] = [:], position = unpickler.position
        for value in keys {
            let key = try unpickler.text(value, "the key of a storage")
            func error(_ problem: String) -> ModelFileError {
                ModelFileError(.malformed, file: file, place: "storage \(quoted(key))", problem: problem)
            }
            guard let storage = types[key] else { throw error("no tensor names it, so that its type is not known") }
            guard position <= bytes.count - 8 else { throw error("the file ends before it: it is truncated") }
            let count = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self))
            guard count == storage.count else { throw error("it has \(count) elements, but \(storage.count) are said before") }
            position += 8
            guard let size = storage.dtype.byteCount(ofShape: [storage.count]), size <= bytes.count - position else {
                throw error(
                    "its \(count) elements of \(storage.dtype.rawValue) do not fit into the file, "
                        + "which ends at byte \(bytes.count): it is truncated"
                )
            }
            guard places.updateValue(position..<position + size, forKey: key) == nil else { throw error("it is there twice") }
            position += size
        }
        return (unpickler, value, places)
    }

    // MARK: Tensors

    /// The tensors of the dictionary by their names, in its order; where a name stands twice, the later one.
    func namedTensors() throws -> [(name: String, tensor: Unpickler.StridedTensor)] {
        let elements = try unpickler.elements(value, .dictionary, expected: "a dictionary of tensors")
        var tensors: [(name: String, tensor: Unpickler.StridedTensor)] = [], places: [ExactKey: Int] = [:], others: [String] = []
        for place in stride(from: 0, to: elements.count, by: 2) {
            guard case .text = elements[place] else { continue }
            let name = try unpickler.text(elements[place], "the name of a tensor")
            guard case .tensor(let number) = elements[place + 1] else {
                if others.count < 4 { others.append("\(quoted(name)), \(unpickler.name(of: elements[place + 1]))") }
                continue
            }
            if let place = places[ExactKey(name)] {
                tensors[place].tensor = unpickler.tensors[number]
            } else {
                places[ExactKey(name)] = tensors.count
                tensors.append((name, unpickler.tensors[number]))
            }
        }
        guard !tensors.isEmpty || others.isEmpty else {
            throw ModelFileError(
                .unsupported, file: file,
                problem: "its dictionary holds no tensors, but \(others.joined(separator: ", ")); "
                    + "save model.state_dict() alone in its place")
        }
        return tensors
    }

    /// A tensor that lies inside its storage.
    func checked(_ tensor: Unpickler.StridedTensor, _ name: String) throws -> (TensorEntry, TorchFile.View) {
        let window = unpickler.windows[tensor.window], storage = unpickler.storages[window.storage]
        func error(_ problem: String) -> ModelFileError {
            ModelFileError(.malformed, file: file, place: "tensor \(quoted(name))", problem: problem)
        }
        guard storage.dtype.byteCount(ofShape: tensor.shape) != nil else {
            throw error("the shape \(tensor.shape) has more elements than can be counted")
        }
        let entry = TensorEntry(name: name, dtype: storage.dtype, shape: tensor.shape)
        var last = tensor.offset, overflow = false
        if entry.count > 0 {
            for (size, stride) in zip(tensor.shape, tensor.strides) {
                let (distance, tooFar) = (size - 1).multipliedReportingOverflow(by: stride)
                let (sum, tooLarge) = last.addingReportingOverflow(distance)
                (last, overflow) = (sum, overflow || tooFar || tooLarge)
            }
            guard tensor.offset >= 0, !overflow, last < window.range.count else {
                throw error(
                    "its shape \(tensor.shape) with strides \(tensor.strides) from element \(tensor.offset) on "
                        + "does not lie in its storage of \(window.range.count)"
                )
            }
        }
        let offset = entry.count > 0 ? window.range.lowerBound + tensor.offset : 0
        return (entry, TorchFile.View(storage: window.storage, offset: offset, strides: tensor.strides))
    }

    /// The data of all storages that tensors use; those that none uses are empty.
    func storages(ofUses counts: [Int]) throws -> [FileContent] {
        try zip(unpickler.storages, counts).map { storage, count in
            guard count > 0 else { return FileContent(bytes: mapping.mutableBytes, owner: mapping) }
            func error(_ problem: String) -> ModelFileError {
                ModelFileError(.malformed, file: file, place: "storage \(quoted(storage.key))", problem: problem)
            }
            guard let archive else {
                guard let range = places[storage.key] else { throw error("the file does not hold it") }
                return FileContent(bytes: UnsafeMutableRawBufferPointer(rebasing: mapping.mutableBytes[range]), owner: mapping)
            }
            let name = "\(archive.root)data/\(storage.key)"
            guard let entry = archive.files.entries[name] else { throw error("there is no \(name) in the archive") }
            guard let size = storage.dtype.byteCount(ofShape: [storage.count]), size <= entry.size else {
                throw error("\(name) has \(entry.size) bytes, too few for \(storage.count) elements of \(storage.dtype.rawValue)")
            }
            return try archive.files.content(of: name, entry)
        }
    }
}
